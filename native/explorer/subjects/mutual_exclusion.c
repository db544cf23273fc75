/* SPDX-License-Identifier: MIT
 *
 * mutual_exclusion.c -- Peterson's and Dekker's algorithms, a ticket lock, and an MCS lock whose
 * queue nodes are thread-local variables. The counter they protect is plain memory.
 *
 * planted 1 (race): Peterson with release and acquire
 * planted 2 (race): Dekker with release and acquire
 * planted 3 (race): the ticket lock's holder is published by a relaxed store
 * planted 4 (race): the MCS lock hands over by a relaxed store
 * planted 5 (use_after_return|deadlock|livelock): the MCS lock forgets to wait for a successor that is
 * just linking itself */
#include "explore.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#ifndef PLANTED
#define PLANTED 0
#endif

static int counter; /* plain */
static atomic_int wants[2], turn;

#define PETERSON_STORE (PLANTED == 1 ? memory_order_release : memory_order_seq_cst)
#define PETERSON_LOAD (PLANTED == 1 ? memory_order_acquire : memory_order_seq_cst)

static void *peterson(void *argument) {
    int me = (int)(long)argument, other = 1 - me;
    atomic_store_explicit(&wants[me], 1, PETERSON_STORE);
    atomic_store_explicit(&turn, other, PETERSON_STORE);
    while (atomic_load_explicit(&wants[other], PETERSON_LOAD) && atomic_load_explicit(&turn, PETERSON_LOAD) == other) {
    }
    counter++;
    atomic_store_explicit(&wants[me], 0, memory_order_release);
    return NULL;
}

#define DEKKER_STORE (PLANTED == 2 ? memory_order_release : memory_order_seq_cst)
#define DEKKER_LOAD (PLANTED == 2 ? memory_order_acquire : memory_order_seq_cst)

static void *dekker(void *argument) {
    int me = (int)(long)argument, other = 1 - me;
    atomic_store_explicit(&wants[me], 1, DEKKER_STORE);
    while (atomic_load_explicit(&wants[other], DEKKER_LOAD)) {
        if (atomic_load_explicit(&turn, memory_order_acquire) == me) continue;
        atomic_store_explicit(&wants[me], 0, DEKKER_STORE);
        while (atomic_load_explicit(&turn, memory_order_acquire) != me) {
        }
        atomic_store_explicit(&wants[me], 1, DEKKER_STORE);
    }
    counter++;
    atomic_store_explicit(&turn, other, memory_order_release);
    atomic_store_explicit(&wants[me], 0, memory_order_release);
    return NULL;
}

static atomic_uint next_ticket, serving;

static void *ticket(void *unused) {
    unsigned mine = atomic_fetch_add_explicit(&next_ticket, 1, memory_order_relaxed);
    while (atomic_load_explicit(&serving, memory_order_acquire) != mine) explore_yield();
    counter++;
    atomic_store_explicit(&serving, mine + 1, PLANTED == 3 ? memory_order_relaxed : memory_order_release);
    return unused;
}

struct waiter {
    _Atomic(struct waiter *) next;
    atomic_bool waits;
};

static _Atomic(struct waiter *) last;
static _Thread_local struct waiter self;

static void mcs_lock(void) {
    atomic_store_explicit(&self.next, NULL, memory_order_relaxed);
    atomic_store_explicit(&self.waits, true, memory_order_relaxed);
    struct waiter *before = atomic_exchange_explicit(&last, &self, memory_order_acq_rel);
    if (!before) return;
    atomic_store_explicit(&before->next, &self, memory_order_release);
    while (atomic_load_explicit(&self.waits, memory_order_acquire)) explore_yield();
}

static void mcs_unlock(void) {
    struct waiter *next = atomic_load_explicit(&self.next, memory_order_acquire), *me = &self;
    if (!next) {
        if (atomic_compare_exchange_strong_explicit(&last, &me, NULL, memory_order_acq_rel, memory_order_relaxed))
            return;
        while (!(next = atomic_load_explicit(&self.next, memory_order_acquire))) {
            if (PLANTED == 5) return;
            explore_yield();
        }
    }
    atomic_store_explicit(&next->waits, false, PLANTED == 4 ? memory_order_relaxed : memory_order_release);
}

static void *mcs(void *unused) {
    for (int i = 0; i < 2; i++) {
        mcs_lock();
        counter++;
        mcs_unlock();
    }
    return unused;
}

static void run(void *(*body)(void *), int expected) {
    pthread_t threads[2];
    for (long i = 0; i < 2; i++) pthread_create(&threads[i], NULL, body, (void *)i);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    if (counter != expected) explore_fail("the counter is %d instead of %d", counter, expected);
}

static void run_peterson(void) {
    run(peterson, 2);
}

static void run_dekker(void) {
    run(dekker, 2);
}

static void run_ticket(void) {
    run(ticket, 2);
}

static void run_mcs(void) {
    run(mcs, 4);
}

const struct explore_scenario explore_scenarios[] = {
    {"peterson", run_peterson}, {"dekker", run_dekker}, {"ticket", run_ticket}, {"mcs", run_mcs}, {NULL, NULL}};
