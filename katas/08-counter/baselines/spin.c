/* SPDX-License-Identifier: MIT */
/* spin.c -- one number, and a spin lock around it. A thread that is stopped while it holds the lock stops all others,
 * and these burn their time slices. */
#include "counter.h"

#include <stdatomic.h>
#include <stdlib.h>

struct counter {
    atomic_bool busy;
    int64_t sum;
};

struct counter *counter_new(void) {
    return calloc(1, sizeof(struct counter));
}

/* It looks before it tries again: a look leaves the line where it is. */
static void lock(struct counter *c) {
    while (atomic_exchange_explicit(&c->busy, 1, memory_order_acquire))
        while (atomic_load_explicit(&c->busy, memory_order_relaxed)) continue;
}

static void unlock(struct counter *c) {
    atomic_store_explicit(&c->busy, 0, memory_order_release);
}

void counter_add(struct counter *c, int64_t n) {
    lock(c);
    c->sum = (int64_t)((uint64_t)c->sum + (uint64_t)n);
    unlock(c);
}

int64_t counter_read(struct counter *c) {
    lock(c);
    int64_t sum = c->sum;
    unlock(c);
    return sum;
}

void counter_free(struct counter *c) {
    free(c);
}
