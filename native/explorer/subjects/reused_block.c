/* SPDX-License-Identifier: MIT
 *
 * reused_block.c -- free synchronizes with the malloc that gives the same block out again (C17 7.22.3p2). Whoever gets
 * the taker's block therefore finds it no longer in `head`.
 *
 * planted 1 (property): a free list of the program's own, by relaxed operations, does not synchronize */
#include "explore.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#ifndef PLANTED
#define PLANTED 0
#endif

static void *_Atomic head, *_Atomic kept;

static void give_back(void *block) {
    if (PLANTED == 1)
        atomic_store_explicit(&kept, block, memory_order_relaxed);
    else
        free(block);
}

static void *get(void) {
    void *block = PLANTED == 1 ? atomic_exchange_explicit(&kept, NULL, memory_order_relaxed) : NULL;
    return block ? block : malloc(16);
}

static void *take(void *unused) {
    give_back(atomic_exchange_explicit(&head, NULL, memory_order_acq_rel));
    return unused;
}

static void *allocate(void *unused) {
    void *mine = get();
    if (atomic_load_explicit(&head, memory_order_acquire) == mine)
        explore_fail("a block of one's own is still in head");
    free(mine);
    return unused;
}

static void run(void) {
    pthread_t threads[2];
    atomic_init(&head, malloc(16));
    pthread_create(&threads[0], NULL, take, NULL);
    pthread_create(&threads[1], NULL, allocate, NULL);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    free(kept);
}

const struct explore_scenario explore_scenarios[] = {{"same_address", run}, {NULL, NULL}};
