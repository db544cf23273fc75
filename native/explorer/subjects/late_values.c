/* SPDX-License-Identifier: MIT
 *
 * late_values.c -- readers that see what a writer did last, and of what it did before the oldest state that C11 allows.
 *
 * planted 1 (property) within 4000: eight values are published with relaxed stores: each may come later than its flag
 * planted 2 (property) within 8000: two counters and a flag, all relaxed: both counters may still be at their start */
#include "explore.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#ifndef PLANTED
#define PLANTED 0
#endif

enum { SLOTS = 8, COUNTS = 7 };

#define PUBLISHES (PLANTED ? memory_order_relaxed : memory_order_release)
#define SEES (PLANTED ? memory_order_relaxed : memory_order_acquire)

static atomic_int values[SLOTS], ready[SLOTS];

static void *fill(void *unused) {
    for (int i = 0; i < SLOTS; i++) {
        atomic_store_explicit(&values[i], 1, memory_order_relaxed);
        atomic_store_explicit(&ready[i], 1, PUBLISHES);
    }
    return unused;
}

static void *look(void *unused) {
    int flags = 0, sum = 0;
    for (int i = 0; i < SLOTS; i++) {
        flags += atomic_load_explicit(&ready[i], SEES);
        sum += atomic_load_explicit(&values[i], memory_order_relaxed);
    }
    if (flags == SLOTS && sum == 0) explore_fail("%d slots are ready, and every value is 0", flags);
    return unused;
}

static atomic_int counters[2], done;

static void *count(void *unused) {
    for (int i = 1; i <= COUNTS; i++)
        for (int j = 0; j < 2; j++) atomic_store_explicit(&counters[j], i, memory_order_relaxed);
    atomic_store_explicit(&done, 1, PUBLISHES);
    return unused;
}

static void *compare(void *unused) {
    int all = atomic_load_explicit(&done, SEES);
    int first = atomic_load_explicit(&counters[0], memory_order_relaxed);
    int second = atomic_load_explicit(&counters[1], memory_order_relaxed);
    if (all && first == 0 && second == 0) explore_fail("the counting is done, and both counters are 0");
    return unused;
}

static void run_both(void *(*one)(void *), void *(*other)(void *)) {
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, one, NULL);
    pthread_create(&threads[1], NULL, other, NULL);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
}

static void run_slots(void) {
    run_both(fill, look);
}

static void run_counters(void) {
    run_both(count, compare);
}

#if PLANTED == 2
const struct explore_scenario explore_scenarios[] = {{"counters", run_counters}, {"slots", run_slots}, {NULL, NULL}};
#else
const struct explore_scenario explore_scenarios[] = {{"slots", run_slots}, {"counters", run_counters}, {NULL, NULL}};
#endif
