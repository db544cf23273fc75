/* SPDX-License-Identifier: MIT
 *
 * choice.c -- recording, and scripts. */
#include "choice.h"

struct choices record, script;

choice_source choices_from;

void choices_begin(choice_source source) {
    choices_from = source;
    record.count = 0;
}

unsigned script_entry(void) {
    return record.count < script.count ? script.taken[record.count] : 0;
}
