/* SPDX-License-Identifier: MIT */
/* Adds to one word in assembly, where no instrumentation sees which line is written.
 *
 * Research C 24. Refused with: inline assembly */
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
    __asm__ volatile("lock addq %1, %0" : "+m"(c->sum) : "r"(n) : "memory");
}

int64_t counter_read(struct counter *c) {
    return (int64_t)atomic_load(&c->sum);
}

void counter_free(struct counter *c) {
    free(c);
}
