/* SPDX-License-Identifier: MIT */
/* seq_cst.c -- one atomic word, with the strongest order. On x86 its add is the same instruction as relaxed.c's. */
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
    atomic_fetch_add_explicit(&c->sum, (uint64_t)n, memory_order_seq_cst);
}

int64_t counter_read(struct counter *c) {
    return (int64_t)atomic_load_explicit(&c->sum, memory_order_seq_cst);
}

void counter_free(struct counter *c) {
    free(c);
}
