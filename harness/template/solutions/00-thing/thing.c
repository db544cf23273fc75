/* SPDX-License-Identifier: MIT */
/* thing.c -- one atomic addition. */
#include "thing.h"

#include <stdatomic.h>
#include <stdlib.h>

struct thing {
    _Atomic uint64_t sum;
};

struct thing *thing_new(void) {
    struct thing *thing = malloc(sizeof *thing);
    if (thing) atomic_init(&thing->sum, 0);
    return thing;
}

/* Relaxed: an addition makes nothing else visible. */
void thing_add(struct thing *thing, uint64_t n) {
    atomic_fetch_add_explicit(&thing->sum, n, memory_order_relaxed);
}

uint64_t thing_sum(struct thing *thing) {
    return atomic_load_explicit(&thing->sum, memory_order_relaxed);
}

void thing_free(struct thing *thing) {
    free(thing);
}
