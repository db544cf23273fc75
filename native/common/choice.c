/* SPDX-License-Identifier: MIT
 *
 * choice.c -- recording, and scripts. */
#include "choice.h"

struct choices record, script;

static choice_source source;

void choices_begin(choice_source new_source) {
    source = new_source;
    record.count = 0;
}

unsigned choose(unsigned kind, unsigned options) {
    unsigned taken = options > 1 ? source(kind, options) : 0;
    if (record.count < MAX_CHOICES) {
        record.kind[record.count] = (uint8_t)kind;
        record.taken[record.count++] = (uint8_t)taken;
    }
    return taken;
}

unsigned script_entry(void) {
    return record.count < script.count ? script.taken[record.count] : 0;
}
