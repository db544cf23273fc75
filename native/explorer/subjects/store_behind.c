/* SPDX-License-Identifier: MIT
 *
 * store_behind.c -- two stores that nothing orders: the one that runs later need not be the last in modification order.
 *
 * planted 1 (property): who stores later is thought to have the last word */
#include "explore.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#ifndef PLANTED
#define PLANTED 0
#endif

static atomic_int word, turn;

static void *store(void *value) {
    atomic_store_explicit(&word, value ? 2 : 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&turn, 1, PLANTED ? memory_order_relaxed : memory_order_release);
    return NULL;
}

static void *store_later(void *value) {
    memory_order order = PLANTED ? memory_order_relaxed : memory_order_acquire;
    return atomic_load_explicit(&turn, order) ? store(value) : value;
}

static void run(void) {
    pthread_t threads[2];
    void *did_not;
    pthread_create(&threads[0], NULL, store, NULL);
    pthread_create(&threads[1], NULL, store_later, &word);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], &did_not);
    if (!did_not && atomic_load(&word) != 2) explore_fail("the later store is not the last");
}

const struct explore_scenario explore_scenarios[] = {{"two_stores", run}, {NULL, NULL}};
