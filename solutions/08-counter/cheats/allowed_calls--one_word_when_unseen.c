/* SPDX-License-Identifier: MIT */
/* Has shards where accesses are noted, and one word where they are not: the shards are never timed, and the word is
 * never looked at.
 *
 * Research B 18. Refused with: with it the file could mean something else in another build */
#include "counter.h"

#include <stdatomic.h>
#include <stdlib.h>

struct counter {
#ifdef __SANITIZE_THREAD__
    _Alignas(64)
#endif
        _Atomic uint64_t sum;
};

struct counter *counter_new(void) {
    return calloc(1, sizeof(struct counter));
}

void counter_add(struct counter *c, int64_t n) {
    atomic_fetch_add(&c->sum, (uint64_t)n);
}

int64_t counter_read(struct counter *c) {
    return (int64_t)atomic_load(&c->sum);
}

void counter_free(struct counter *c) {
    free(c);
}
