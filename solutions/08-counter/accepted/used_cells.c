/* SPDX-License-Identifier: MIT */
/* used_cells.c -- a list of the cells that somebody uses: a read looks at no other ones.
 *
 * A cell is linked once, by its first user and before that one's first add, and never taken out. Threads that share the
 * cell and come while it is being linked add to one number for all: they do not wait. */
#include "counter.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

#define CACHE_LINE 64
#define CELLS 80

enum state { FREE, BEING_LINKED, LINKED };

struct cell {
    alignas(CACHE_LINE) _Atomic uint64_t sum;
    struct cell *next; /* written before the cell is linked, and not after */
    _Atomic int state;
};

struct counter {
    alignas(CACHE_LINE) _Atomic uint64_t beside; /* of those that came while their cell was being linked */
    _Atomic(struct cell *) first;
    struct cell cells[CELLS];
};

static atomic_uint threads_seen;
static _Thread_local unsigned thread_number; /* counted from 1; 0: none yet */

/* In a block of malloc's, on its first whole line; the block's address lies before it. */
struct counter *counter_new(void) {
    void *block = calloc(1, sizeof(void *) + CACHE_LINE + sizeof(struct counter));
    if (!block) return NULL;
    uintptr_t at = ((uintptr_t)block + sizeof(void *) + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
    ((void **)at)[-1] = block;
    return (struct counter *)at;
}

/* Release: a reader that finds the cell finds its `next`; and acquire, so that it finds those of the cells behind it.
 */
static void link_cell(struct counter *c, struct cell *cell) {
    struct cell *first = atomic_load_explicit(&c->first, memory_order_relaxed);
    do cell->next = first;
    while (!atomic_compare_exchange_weak_explicit(&c->first, &first, cell, memory_order_acq_rel, memory_order_relaxed));
    atomic_store_explicit(&cell->state, LINKED, memory_order_release);
}

/* Acquire: whoever knows of an add to the cell finds the cell in the list. */
static _Atomic uint64_t *number_of(struct counter *c) {
    if (thread_number == 0)
        thread_number = 1 + atomic_fetch_add_explicit(&threads_seen, 1, memory_order_relaxed) % CELLS;
    struct cell *cell = &c->cells[thread_number - 1];
    int state = atomic_load_explicit(&cell->state, memory_order_acquire);
    if (state == FREE && atomic_compare_exchange_strong_explicit(&cell->state, &state, BEING_LINKED,
                                                                 memory_order_relaxed, memory_order_acquire)) {
        link_cell(c, cell);
        state = LINKED;
    }
    return state == LINKED ? &cell->sum : &c->beside;
}

void counter_add(struct counter *c, int64_t n) {
    atomic_fetch_add_explicit(number_of(c), (uint64_t)n, memory_order_relaxed);
}

int64_t counter_read(struct counter *c) {
    uint64_t sum = atomic_load_explicit(&c->beside, memory_order_relaxed);
    for (struct cell *cell = atomic_load_explicit(&c->first, memory_order_acquire); cell; cell = cell->next)
        sum += atomic_load_explicit(&cell->sum, memory_order_relaxed);
    return (int64_t)sum;
}

void counter_free(struct counter *c) {
    if (c) free(((void **)c)[-1]);
}
