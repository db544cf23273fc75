/* SPDX-License-Identifier: MIT */
/* cas_cells.c -- as java.util.concurrent's LongAdder: cells, and a compare-and-swap that has failed sends its thread to
 * another one.
 *
 * Cells lie 128 bytes apart, since some processors fetch lines in pairs, in memory that malloc aligned to 16: the first
 * line of them is sought there. A thread that fails too often adds by a read-modify-write that cannot fail. */
#include "counter.h"

#include <stdatomic.h>
#include <stdlib.h>

#define STRIDE 128
#define CELLS 32 /* 4 KiB */
#define TRIES 4

struct cell {
    _Atomic uint64_t sum;
    char apart[STRIDE - sizeof(uint64_t)];
};

struct counter {
    struct cell *cells;
    char room[(CELLS + 1) * STRIDE];
};

static atomic_uint threads_seen;
static _Thread_local unsigned probe; /* counted from 1; 0: none yet */

struct counter *counter_new(void) {
    struct counter *c = malloc(sizeof *c);
    if (!c) return NULL;
    c->cells = (struct cell *)(((uintptr_t)c->room + STRIDE - 1) / STRIDE * STRIDE);
    for (int i = 0; i < CELLS; i++) atomic_init(&c->cells[i].sum, 0);
    return c;
}

void counter_add(struct counter *c, int64_t n) {
    if (probe == 0) probe = 1 + atomic_fetch_add_explicit(&threads_seen, 1, memory_order_relaxed);
    for (int tries = 0; tries < TRIES; tries++) {
        _Atomic uint64_t *sum = &c->cells[probe % CELLS].sum;
        uint64_t before = atomic_load_explicit(sum, memory_order_relaxed);
        if (atomic_compare_exchange_strong_explicit(sum, &before, before + (uint64_t)n, memory_order_relaxed,
                                                    memory_order_relaxed))
            return;
        probe = probe * 2654435761u | 1; /* never 0 */
    }
    atomic_fetch_add_explicit(&c->cells[probe % CELLS].sum, (uint64_t)n, memory_order_relaxed);
}

int64_t counter_read(struct counter *c) {
    uint64_t sum = 0;
    for (int i = 0; i < CELLS; i++) sum += atomic_load_explicit(&c->cells[i].sum, memory_order_relaxed);
    return (int64_t)sum;
}

void counter_free(struct counter *c) {
    free(c);
}
