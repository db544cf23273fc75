/* SPDX-License-Identifier: MIT */
/* relaxed.c -- one atomic word, that orders nothing: right, and all threads write its line. */
#include "counter.h"

#include <stdatomic.h>
#include <stdlib.h>

struct counter {
    _Atomic uint64_t sum;
};

struct counter *counter_new(void) {
    return calloc(1, sizeof(struct counter));
}

void counter_add(struct counter *c, int64_t n) {
    atomic_fetch_add_explicit(&c->sum, (uint64_t)n, memory_order_relaxed);
}

int64_t counter_read(struct counter *c) {
    return (int64_t)atomic_load_explicit(&c->sum, memory_order_relaxed);
}

void counter_free(struct counter *c) {
    free(c);
}
