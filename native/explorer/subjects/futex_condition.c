/* SPDX-License-Identifier: MIT
 *
 * futex_condition.c -- a condition variable that is a sequence number on a futex, for signallers that hold the mutex.
 *
 * planted 1 (all_asleep): the number is read once the mutex is free
 * planted 2 (all_asleep): the signaller holds no mutex: its wake may take one that came after the number had changed
 * planted 3 (all_asleep): broadcast wakes one
 * planted 4 (race|property): no loop around the wait
 * planted 5 (all_asleep): signals are units, and one that waits later takes the unit of an earlier one (glibc 13165)
 * planted 6 (all_asleep): a signal whose number does not change is lost on one that has not fallen asleep yet */
#include "explore.h"
#include "futex.h"

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#ifndef PLANTED
#define PLANTED 0
#endif

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Atomic uint32_t sequence, units;
static uint32_t waiters; /* by the mutex */

static void take_unit(void) {
    uint32_t now = atomic_load_explicit(&units, memory_order_relaxed);
    for (;;) {
        if (!now) {
            futex_wait(&units, 0, NULL);
            now = atomic_load_explicit(&units, memory_order_relaxed);
        } else if (atomic_compare_exchange_weak_explicit(&units, &now, now - 1, memory_order_relaxed,
                                                         memory_order_relaxed)) {
            return;
        }
    }
}

static void wait(void) {
    uint32_t now = atomic_load_explicit(&sequence, memory_order_relaxed);
    waiters++;
    pthread_mutex_unlock(&mutex);
    if (PLANTED == 1) now = atomic_load_explicit(&sequence, memory_order_relaxed);
    if (PLANTED == 5)
        take_unit();
    else
        futex_wait(&sequence, now, NULL);
    pthread_mutex_lock(&mutex);
    if (PLANTED != 5) waiters--;
}

static void signal_one(void) {
    if (PLANTED == 5) {
        if (!waiters) return;
        waiters--;
        atomic_fetch_add_explicit(&units, 1, memory_order_relaxed);
        futex_wake(&units, 1);
        return;
    }
    if (PLANTED != 6) atomic_fetch_add_explicit(&sequence, 1, memory_order_relaxed);
    futex_wake(&sequence, 1);
}

static void broadcast(void) {
    if (PLANTED == 5)
        while (waiters) signal_one();
    atomic_fetch_add_explicit(&sequence, 1, memory_order_relaxed);
    futex_wake(&sequence, PLANTED == 3 ? 1 : INT_MAX);
}

static int turn; /* by the mutex */

static void wait_for_turn(int wanted) {
    pthread_mutex_lock(&mutex);
    if (PLANTED == 4 && turn < wanted) wait();
    while (PLANTED != 4 && turn < wanted) wait();
    if (turn < wanted) explore_fail("turn %d in place of %d", turn, wanted);
    pthread_mutex_unlock(&mutex);
}

static void *first(void *unused) {
    wait_for_turn(1);
    return unused;
}

static void *second(void *unused) {
    wait_for_turn(2);
    return unused;
}

/* A signal wakes one of those who waited before it: here there is one, and a later one comes. */
static void run_signal(void) {
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, first, NULL);
    explore_wait_idle(0);
    pthread_create(&threads[1], NULL, second, NULL);
    pthread_mutex_lock(&mutex);
    bool alone = !turn && waiters == 1;
    turn = 1;
    if (PLANTED == 2 && alone) {
        pthread_mutex_unlock(&mutex);
        signal_one();
    } else {
        if (alone) signal_one();
        pthread_mutex_unlock(&mutex);
    }
    explore_assume(alone);
    pthread_join(threads[0], NULL);
    pthread_mutex_lock(&mutex);
    turn = 2;
    broadcast();
    pthread_mutex_unlock(&mutex);
    pthread_join(threads[1], NULL);
}

static void run_broadcast(void) {
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, first, NULL);
    pthread_create(&threads[1], NULL, second, NULL);
    pthread_mutex_lock(&mutex);
    turn = 2;
    broadcast();
    pthread_mutex_unlock(&mutex);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
}

static void run_one(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, first, NULL);
    pthread_mutex_lock(&mutex);
    turn = 1;
    signal_one();
    pthread_mutex_unlock(&mutex);
    pthread_join(thread, NULL);
}

const struct explore_scenario explore_scenarios[] = {
    {"one", run_one}, {"broadcast", run_broadcast}, {"signal", run_signal}, {NULL, NULL}};
