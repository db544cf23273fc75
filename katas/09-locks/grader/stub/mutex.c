/* SPDX-License-Identifier: MIT */
/* mutex.c -- a lock whose waiters sleep.
 *
 * The full contract is in locks.h, the kernel's two calls are in futex.h; run
 * `bun kata hint 09` when you are stuck.
 *
 * What must stay true, whatever the threads do:
 *   1. One thread has the mutex at a time, and sees what the one before it did.
 *   2. No thread sleeps while the mutex is free.
 *   3. With nobody else about, neither call asks the kernel for anything.
 *   4. After the store that lets another in, unlock touches the mutex no more.
 *
 * Before you type, answer this on paper: a thread that unlocks has one word to
 * look at. How does it know whether anybody sleeps? */
#include "locks.h"

#include "futex.h"

void mutex_lock(struct mutex *m) {
    (void)m; /* TODO: when is it right to sleep, and on which value? */
}

/* At once: true if this thread has the mutex now. */
bool mutex_try(struct mutex *m) {
    (void)m;
    return false; /* TODO */
}

/* False: the deadline has passed, and nothing was taken. */
bool mutex_lock_until(struct mutex *m, uint64_t deadline_ns) {
    (void)m, (void)deadline_ns;
    return false; /* TODO */
}

void mutex_unlock(struct mutex *m) {
    (void)m; /* TODO: so that rules 2 to 4 hold. */
}

/* Each of them once, whatever their order. */
void mutex_lock_all(struct mutex *const *mutexes, size_t n) {
    (void)mutexes, (void)n; /* TODO: which order can all threads agree on without talking? */
}
