/* SPDX-License-Identifier: MIT */
/* counter.c -- the reference: as many sums as there are lines to spare, and each thread adds to its own.
 *
 * Threads are numbered at their first add, to any counter, and the number is all that is kept of a thread: nothing has
 * to be given back when it ends. Threads whose numbers are SHARDS apart share a shard. That costs time and no
 * correctness, since an add is one atomic read-modify-write: nobody can come in between, wherever the thread is moved
 * meanwhile.
 *
 * Why a read may go through the shards while others add: it finds in each shard the sum of the first so many adds to
 * it. That is a set of adds, and whatever happens before the read is in it, since no thread reads an older value of an
 * atomic object than the one it knows of. For the same reason a later read finds in each shard at least as many.
 *
 * All orders are relaxed: the counter says how many there were, and orders nothing. */
#include "counter.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

#define CACHE_LINE 64
#define SHARDS 64 /* 4 KiB */

/* Unsigned: sums wrap. */
struct shard {
    alignas(CACHE_LINE) _Atomic uint64_t sum;
};

struct counter {
    struct shard shards[SHARDS];
};

/* Written once by each thread. */
static atomic_uint threads_seen;
static _Thread_local unsigned thread_number; /* counted from 1; 0: none yet */

struct counter *counter_new(void) {
    struct counter *c = aligned_alloc(CACHE_LINE, sizeof *c);
    if (!c) return NULL;
    for (struct shard *s = c->shards; s < c->shards + SHARDS; s++) atomic_init(&s->sum, 0);
    return c;
}

/* SHARDS divides 2^32: numbers that wrap go on where they were. */
void counter_add(struct counter *c, int64_t n) {
    if (thread_number == 0)
        thread_number = 1 + atomic_fetch_add_explicit(&threads_seen, 1, memory_order_relaxed) % SHARDS;
    atomic_fetch_add_explicit(&c->shards[thread_number - 1].sum, (uint64_t)n, memory_order_relaxed);
}

int64_t counter_read(struct counter *c) {
    uint64_t sum = 0;
    for (struct shard *s = c->shards; s < c->shards + SHARDS; s++)
        sum += atomic_load_explicit(&s->sum, memory_order_relaxed);
    return (int64_t)sum;
}

void counter_free(struct counter *c) {
    free(c);
}
