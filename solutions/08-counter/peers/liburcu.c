/* SPDX-License-Identifier: MIT */
/* peer: liburcu uatomic_add (one word; its split counters are inside of its hash table)
 * package: liburcu-dev
 * libraries: -lurcu-common */
#include "counter.h"

#include <stdlib.h>
#include <urcu/uatomic.h>

struct counter {
    unsigned long sum;
};

struct counter *counter_new(void) {
    return calloc(1, sizeof(struct counter));
}

void counter_add(struct counter *c, int64_t n) {
    uatomic_add(&c->sum, (unsigned long)n);
}

int64_t counter_read(struct counter *c) {
    return (int64_t)uatomic_read(&c->sum);
}

void counter_free(struct counter *c) {
    free(c);
}
