/* SPDX-License-Identifier: MIT
 *
 * futex_mutex.c -- Drepper's mutexes 2 and 3 (Futexes Are Tricky, 2011): 0 is free, 1 taken, 2 taken and perhaps waited
 * for. Who holds one last frees it, although the other's unlock has not returned.
 *
 * planted 1 (property): Drepper's mutex 1, whose unlock calls the kernel although nobody waits
 * planted 2 (all_asleep): a woken thread takes the lock with 1, and forgets who else sleeps
 * planted 3 (race): a woken thread does not look again: it may have been woken for no reason
 * planted 4 (all_asleep): lost if late: the value is read for the wait, behind the look at it
 * planted 5 (use_after_free): unlock looks whether somebody waits once the lock is free (glibc 13690)
 * planted 6 (use_after_free): unlock writes once the lock is free
 * planted 7 (property): a waiter spins, and never sleeps
 * planted 8 (all_asleep): the count of waiters is read without a fence behind the store
 * planted 9 (race): unlock releases nothing
 * planted 10 (race): woken by the one who unlocked, a thread takes what that one wrote for granted
 * planted 11 (use_after_free): the last user does not wait for a sleeper that still has to look */
#include "explore.h"
#include "futex.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#ifndef PLANTED
#define PLANTED 0
#endif

struct mutex {
    _Atomic uint32_t word, waiters;
};

static uint32_t swap_if(_Atomic uint32_t *word, uint32_t expected, uint32_t new) {
    atomic_compare_exchange_strong_explicit(word, &expected, new, memory_order_acquire, memory_order_relaxed);
    return expected;
}

static void lock_1(struct mutex *m) {
    uint32_t before;
    while ((before = atomic_fetch_add_explicit(&m->word, 1, memory_order_acquire)) != 0)
        futex_wait(&m->word, before + 1, NULL);
}

static void unlock_1(struct mutex *m) {
    atomic_store_explicit(&m->word, 0, memory_order_release);
    futex_wake(&m->word, 1);
}

static void lock_2(struct mutex *m) {
    uint32_t before = swap_if(&m->word, 0, 1);
    if (!before) return;
    do {
        if (before == 2 || swap_if(&m->word, 1, 2) != 0) futex_wait(&m->word, 2, NULL);
    } while ((before = swap_if(&m->word, 0, PLANTED == 2 ? 1 : 2)) != 0);
}

static void unlock_2(struct mutex *m) {
    if (atomic_fetch_sub_explicit(&m->word, 1, memory_order_release) == 1) return;
    atomic_store_explicit(&m->word, 0, memory_order_release);
    futex_wake(&m->word, 1);
}

static uint32_t mark_contended(struct mutex *m) {
    return atomic_exchange_explicit(&m->word, 2, memory_order_acquire);
}

static void lock_3(struct mutex *m) {
    if (swap_if(&m->word, 0, 1) == 0) return;
    while (mark_contended(m) != 0) {
        if (PLANTED == 7) continue;
        uint32_t expected = PLANTED == 4 ? atomic_load_explicit(&m->word, memory_order_relaxed) : 2;
        futex_wait(&m->word, expected, NULL);
        if (PLANTED == 3) return;
    }
}

static void unlock_3(struct mutex *m) {
    memory_order order = PLANTED == 9 ? memory_order_relaxed : memory_order_release;
    bool waited_for = atomic_exchange_explicit(&m->word, 0, order) == 2;
    if (PLANTED == 5) waited_for |= atomic_load_explicit(&m->waiters, memory_order_relaxed) > 0;
    if (waited_for) futex_wake(&m->word, 1);
    if (PLANTED == 6) atomic_store_explicit(&m->waiters, 0, memory_order_relaxed);
}

/* Who waits is counted in a word of its own: the store that frees the lock, and the load of that count, need an order.
 */
static void lock_4(struct mutex *m) {
    while (atomic_exchange_explicit(&m->word, 1, memory_order_acquire) != 0) {
        atomic_fetch_add_explicit(&m->waiters, 1, memory_order_seq_cst);
        futex_wait(&m->word, 1, NULL);
        atomic_fetch_sub_explicit(&m->waiters, 1, memory_order_relaxed);
    }
}

static void unlock_4(struct mutex *m) {
    memory_order order = PLANTED == 8 ? memory_order_release : memory_order_seq_cst;
    atomic_store_explicit(&m->word, 0, order);
    if (atomic_load_explicit(&m->waiters, memory_order_seq_cst)) futex_wake(&m->word, 1);
}

static void (*lock)(struct mutex *), (*unlock)(struct mutex *);
static struct mutex *mutex;
static int shared, left; /* plain */

static void add(void) {
    lock(mutex);
    shared++;
    unlock(mutex);
}

static void *add_twice(void *unused) {
    add();
    add();
    return unused;
}

static void three_threads(void) {
    pthread_t threads[2];
    mutex = calloc(1, sizeof *mutex);
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, add_twice, NULL);
    add();
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    if (shared != 5) explore_fail("5 were added, %d are there", shared);
    struct explore_futex_calls before = explore_futex_calls();
    add();
    struct explore_futex_calls after = explore_futex_calls();
    if (after.waits != before.waits || after.wakes != before.wakes)
        explore_fail("lock and unlock of a mutex that nobody else uses call the kernel");
    free(mutex);
    mutex = NULL;
}

static void run_mutex_2(void) {
    lock = PLANTED == 1 ? lock_1 : lock_2, unlock = PLANTED == 1 ? unlock_1 : unlock_2;
    three_threads();
}

static void run_mutex_3(void) {
    lock = lock_3, unlock = unlock_3;
    three_threads();
}

static void run_mutex_4(void) {
    lock = lock_4, unlock = unlock_4;
    three_threads();
}

/* The last of the two frees: it has got the mutex from the other one, whose unlock may not have returned. */
static void *leave(void *unused) {
    lock(mutex);
    bool last = --left == 0;
    unlock(mutex);
    if (last) free(mutex);
    return unused;
}

static void last_user(void) {
    pthread_t threads[2];
    mutex = calloc(1, sizeof *mutex);
    left = 2;
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, leave, NULL);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    mutex = NULL;
}

static void last_user_of_2(void) {
    lock = lock_2, unlock = unlock_2;
    last_user();
}

static void last_user_of_3(void) {
    lock = lock_3, unlock = unlock_3;
    last_user();
}

/* While the mutex is held, who waits for it sleeps. */
static void run_held(void) {
    pthread_t thread;
    lock = lock_3, unlock = unlock_3;
    mutex = calloc(1, sizeof *mutex);
    lock(mutex);
    pthread_create(&thread, NULL, add_twice, NULL);
    explore_wait_for("a thread that waits for a mutex does not sleep while it is held");
    explore_wait_idle(0);
    explore_wait_for(NULL);
    unlock(mutex);
    pthread_join(thread, NULL);
    free(mutex);
    mutex = NULL;
}

static _Atomic uint32_t flag;
static int message;

static void *send(void *unused) {
    message = 1;
    atomic_store_explicit(&flag, 1, PLANTED == 10 ? memory_order_relaxed : memory_order_release);
    futex_wake(&flag, 1);
    return unused;
}

/* Being woken orders nothing: the word does. */
static void run_message(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, send, NULL);
    while (!atomic_load_explicit(&flag, PLANTED == 10 ? memory_order_relaxed : memory_order_acquire))
        futex_wait(&flag, 0, NULL);
    if (message != 1) explore_fail("no message");
    pthread_join(thread, NULL);
}

static _Atomic uint32_t *word;

static void *sleep_once(void *unused) {
    futex_wait(word, 0, NULL);
    if (PLANTED != 11) futex_wake(word, 1); /* on whatever is there */
    return unused;
}

/* A wake on memory that is free by now is no use of it; a wait is. */
static void run_freed(void) {
    pthread_t thread;
    word = calloc(1, sizeof *word);
    pthread_create(&thread, NULL, sleep_once, NULL);
    if (PLANTED != 11) explore_wait_idle(0);
    atomic_store_explicit(word, 1, memory_order_relaxed);
    _Atomic uint32_t *freed = word;
    if (PLANTED == 11) free(freed);
    futex_wake(freed, 1);
    pthread_join(thread, NULL);
    if (PLANTED != 11) free(freed);
    futex_wake(freed, 1);
    word = NULL;
}

const struct explore_scenario explore_scenarios[] = {{"mutex_2", run_mutex_2},
                                                     {"mutex_3", run_mutex_3},
                                                     {"mutex_4", run_mutex_4},
                                                     {"last_user_of_2", last_user_of_2},
                                                     {"last_user_of_3", last_user_of_3},
                                                     {"held", run_held},
                                                     {"message", run_message},
                                                     {"freed", run_freed},
                                                     {NULL, NULL}};
