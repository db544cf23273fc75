/* SPDX-License-Identifier: MIT
 *
 * wide.c -- a value and its tag that change together: atomic operations of 16 bytes, by the builtins of both kinds.
 *
 * planted 1 (property): the tag is read, and the pair stored, in two steps
 * planted 2 (race): the pair is read as plain memory */
#include "explore.h"

#include <pthread.h>
#include <stdint.h>

#ifndef PLANTED
#define PLANTED 0
#endif

typedef unsigned __int128 pair; /* tag << 64 | value */

static pair shared;

static pair next_of(pair seen) {
    return seen + ((pair)1 << 64) + 1;
}

static void *by_atomic(void *unused) {
    pair seen = PLANTED == 2 ? shared : __atomic_load_n(&shared, __ATOMIC_ACQUIRE);
    if (PLANTED == 1) {
        __atomic_store_n(&shared, next_of(seen), __ATOMIC_RELEASE);
        return unused;
    }
    while (!__atomic_compare_exchange_n(&shared, &seen, next_of(seen), 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    }
    return unused;
}

static void *by_sync(void *unused) {
    pair seen = 0;
    while (!__sync_bool_compare_and_swap(&shared, seen, next_of(seen)))
        seen = __sync_val_compare_and_swap(&shared, 0, 0);
    return unused;
}

static void run(void) {
    pthread_t threads[2];
    shared = 0;
    pthread_create(&threads[0], NULL, by_atomic, NULL);
    pthread_create(&threads[1], NULL, by_sync, NULL);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    if ((uint64_t)shared != 2 || (uint64_t)(shared >> 64) != 2) explore_fail("one of two changes was lost");
}

const struct explore_scenario explore_scenarios[] = {{"pair", run}, {NULL, NULL}};
