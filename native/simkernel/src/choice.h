/* SPDX-License-Identifier: MIT */
/* choice.h -- the one place where a life can go two ways.
 *
 * Option 0 is always the plain one. Choices are recorded; the record replays
 * the life, and setting entries of it to 0 simplifies it (shrink.c). */
#ifndef CHOICE_H
#define CHOICE_H

#include <stdbool.h>
#include <stdint.h>

enum { MAX_CHOICES = 1 << 16 };

struct choices {
    uint32_t count;
    uint8_t taken[MAX_CHOICES];
};

extern struct choices record; /* of the current life */
extern struct choices script; /* what choices_from_script() answers, and 0 beyond its end */

void choices_from_seed(uint64_t seed);
void choices_from_script(void);

#endif
