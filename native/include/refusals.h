/* SPDX-License-Identifier: MIT */
/* refusals.h -- what becomes of an object without memory: its constructor with
 * the first allocation refused, the second, ..., until it asks for no more; once
 * with all later ones refused too, once without. The stress build's. */
#ifndef C10KATA_REFUSALS_H
#define C10KATA_REFUSALS_H

#include <stdbool.h>
#include <stdint.h>

/* The contract's object. A function must be called by its own type (C11
 * 6.5.2.2), so a driver has small ones that take the pointer back. */
struct refused_object {
    void *(*make)(void);
    bool (*works)(void *object); /* used once: does it? */
    void (*end)(void *object);
    /* One short life from beginning to end, each number from 0 another. */
    void (*live)(uint64_t number);
};

/* Reports the rows `attempts` and the counts `lives` and `left_behind`, which
 * harness/src/judge/refusals.ts judges. */
void refuse_each(const struct refused_object *object);

#endif
