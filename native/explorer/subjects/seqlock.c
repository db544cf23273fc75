/* SPDX-License-Identifier: MIT
 *
 * seqlock.c -- a sequence lock: readers retry when the number changed (Boehm, MSPC 2012).
 *
 * planted 1 (property): the reader's acquire fence is missing
 * planted 2 (property): the writer's release fence is missing
 * planted 3 (race): the protected words are not atomic */
#include "explore.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#ifndef PLANTED
#define PLANTED 0
#endif

#if PLANTED == 3
typedef int protected_int;
#define PUT(at, value) (*(at) = (value))
#define GET(at) (*(at))
#else
typedef atomic_int protected_int;
#define PUT(at, value) atomic_store_explicit(at, value, memory_order_relaxed)
#define GET(at) atomic_load_explicit(at, memory_order_relaxed)
#endif

static atomic_uint sequence;
static protected_int left, right; /* always equal */

static void write_both(int value) {
    unsigned before = atomic_load_explicit(&sequence, memory_order_relaxed);
    atomic_store_explicit(&sequence, before + 1, memory_order_relaxed);
    if (PLANTED != 2) atomic_thread_fence(memory_order_release);
    PUT(&left, value);
    PUT(&right, value);
    atomic_store_explicit(&sequence, before + 2, memory_order_release);
}

static bool read_both(int *one, int *other) {
    unsigned before = atomic_load_explicit(&sequence, memory_order_acquire);
    if (before & 1) return false;
    *one = GET(&left);
    *other = GET(&right);
    if (PLANTED != 1) atomic_thread_fence(memory_order_acquire);
    return atomic_load_explicit(&sequence, memory_order_relaxed) == before;
}

static void *write_twice(void *unused) {
    write_both(1);
    write_both(2);
    return unused;
}

static void run(void) {
    pthread_t writer;
    int one, other;
    pthread_create(&writer, NULL, write_twice, NULL);
    for (int i = 0; i < 3; i++)
        if (read_both(&one, &other) && one != other)
            explore_fail("a reader got %d and %d, which were never written together", one, other);
    pthread_join(writer, NULL);
}

const struct explore_scenario explore_scenarios[] = {{"readers", run}, {NULL, NULL}};
