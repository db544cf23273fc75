/* SPDX-License-Identifier: MIT */
/* processors.c -- a sum for each processor, as far as they go.
 *
 * The number is old at once: the thread may be on another processor before it adds, and one of that processor's threads
 * may add to the same sum. So the add is atomic all the same, and the number only a hint that keeps threads apart. A
 * number may be as large as the machine is, and there may be gaps: it is taken modulo SHARDS. */
#include "counter.h"

#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

#define CACHE_LINE 64
#define SHARDS 128 /* 8 KiB */

struct counter {
    struct {
        alignas(CACHE_LINE) _Atomic uint64_t sum;
    } shards[SHARDS];
};

struct counter *counter_new(void) {
    struct counter *c = aligned_alloc(CACHE_LINE, sizeof *c);
    for (int i = 0; c && i < SHARDS; i++) atomic_init(&c->shards[i].sum, 0);
    return c;
}

/* Where the kernel does not tell, the answer is -1, and that is a shard too. */
void counter_add(struct counter *c, int64_t n) {
    unsigned processor = (unsigned)sched_getcpu();
    atomic_fetch_add_explicit(&c->shards[processor % SHARDS].sum, (uint64_t)n, memory_order_relaxed);
}

int64_t counter_read(struct counter *c) {
    uint64_t sum = 0;
    for (int i = 0; i < SHARDS; i++) sum += atomic_load_explicit(&c->shards[i].sum, memory_order_relaxed);
    return (int64_t)sum;
}

void counter_free(struct counter *c) {
    free(c);
}
