/* SPDX-License-Identifier: MIT */
/* thing.c -- a sum that many threads add to.
 *
 * This is the only file you edit. The types and the full contract are in
 * thing.h; run `bun kata hint 00` when you are stuck.
 *
 * Before you type, answer this on paper: an addition reads, adds and writes.
 * What may another thread do between two of these? */
#include "thing.h"

#include <stdlib.h>

struct thing {
    int todo; /* What do the threads share? */
};

struct thing *thing_new(void) {
    return calloc(1, sizeof(struct thing));
}

void thing_add(struct thing *thing, uint64_t n) {
    (void)thing, (void)n; /* TODO: add, whatever the other threads do. */
}

uint64_t thing_sum(struct thing *thing) {
    (void)thing;
    return 0; /* TODO: the sum. */
}

void thing_free(struct thing *thing) {
    free(thing);
}
