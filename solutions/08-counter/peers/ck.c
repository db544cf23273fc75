/* SPDX-License-Identifier: MIT */
/* peer: Concurrency Kit ck_pr_add_64 (one word)
 * package: libck-dev
 * libraries: -lck */
#include "counter.h"

#include <ck_pr.h>
#include <stdlib.h>

struct counter {
    uint64_t sum;
};

struct counter *counter_new(void) {
    return calloc(1, sizeof(struct counter));
}

void counter_add(struct counter *c, int64_t n) {
    ck_pr_add_64(&c->sum, (uint64_t)n);
}

int64_t counter_read(struct counter *c) {
    return (int64_t)ck_pr_load_64(&c->sum);
}

void counter_free(struct counter *c) {
    free(c);
}
