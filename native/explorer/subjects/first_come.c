/* SPDX-License-Identifier: MIT
 *
 * first_come.c -- a spin lock that is given in the order of asking: who spins by sched_yield counts as waiting.
 *
 * planted 1 (property): whoever comes first when the lock is free takes it
 * planted 2 (property): a thread that waits never lets others run, and explore_wait_idle says so */
#include "explore.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#ifndef PLANTED
#define PLANTED 0
#endif

static _Atomic unsigned next, serving, taken;
static int order[2], done; /* by the lock */

static void lock(void) {
    if (PLANTED == 1) {
        while (atomic_exchange_explicit(&taken, 1, memory_order_acquire)) sched_yield();
        return;
    }
    unsigned mine = atomic_fetch_add_explicit(&next, 1, memory_order_relaxed);
    while (atomic_load_explicit(&serving, memory_order_acquire) != mine)
        if (PLANTED != 2) sched_yield();
}

static void unlock(void) {
    atomic_store_explicit(&taken, 0, memory_order_release);
    unsigned now = atomic_load_explicit(&serving, memory_order_relaxed);
    atomic_store_explicit(&serving, now + 1, memory_order_release);
}

static void *come(void *number) {
    lock();
    order[done++] = (int)(long)number;
    unlock();
    return NULL;
}

static void run(void) {
    pthread_t threads[2];
    lock();
    explore_wait_for("a thread that waits for the lock does not yield");
    for (long i = 0; i < 2; i++) {
        pthread_create(&threads[i], NULL, come, (void *)i);
        explore_wait_idle(3);
    }
    explore_wait_for(NULL);
    unlock();
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    if (order[0] != 0) explore_fail("thread 1 was before thread 0, which had asked for the lock before");
}

const struct explore_scenario explore_scenarios[] = {{"order", run}, {NULL, NULL}};
