/* SPDX-License-Identifier: MIT */
/* next_one_when_taken.c -- a shard that is taken is passed by, and the next one tried: no thread ever waits for
 * another. With as many threads paused as there are shards, all are taken, and all adds go round for ever. A learner
 * sees it with one thread paused: nothing happens. */
#include "counter.h"

#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

#define SHARDS 32

struct counter {
    struct {
        alignas(64) atomic_flag taken;
        _Atomic uint64_t sum; /* written by whoever has taken it */
    } shards[SHARDS];
};

struct counter *counter_new(void) {
    struct counter *c = aligned_alloc(64, sizeof *c);
    for (int i = 0; c && i < SHARDS; i++) {
        atomic_flag_clear(&c->shards[i].taken);
        atomic_init(&c->shards[i].sum, 0);
    }
    return c;
}

void counter_add(struct counter *c, int64_t n) {
    unsigned at = (unsigned)sched_getcpu() % SHARDS;
    while (atomic_flag_test_and_set_explicit(&c->shards[at].taken, memory_order_acquire)) at = (at + 1) % SHARDS;
    uint64_t before = atomic_load_explicit(&c->shards[at].sum, memory_order_relaxed);
    atomic_store_explicit(&c->shards[at].sum, before + (uint64_t)n, memory_order_relaxed);
    atomic_flag_clear_explicit(&c->shards[at].taken, memory_order_release);
}

int64_t counter_read(struct counter *c) {
    uint64_t sum = 0;
    for (int i = 0; i < SHARDS; i++) sum += atomic_load_explicit(&c->shards[i].sum, memory_order_relaxed);
    return (int64_t)sum;
}

void counter_free(struct counter *c) {
    free(c);
}
