/* SPDX-License-Identifier: MIT */
/* condvar.c -- to wait, with a mutex, until another thread says that something has changed.
 *
 * The full contract is in locks.h, the kernel's two calls are in futex.h; run
 * `bun kata hint 09` when you are stuck. mutex_lock and mutex_unlock do what
 * their contract says here, whatever is in mutex.c.
 *
 * What must stay true, whatever the threads do:
 *   1. A signal that comes after the mutex was given back finds the waiter.
 *   2. A signal wakes one of those who wait, and not in its place a later one.
 *   3. A broadcast wakes all of them, and does not wait for those who come after.
 *   4. A wait that ran into its deadline has not used up a signal.
 *
 * Before you type, answer this on paper: a thread has given the mutex back and
 * does not sleep yet; now comes the signal, and then another waiter. How does
 * the first one learn of the signal, and how does it not go to the second? */
#include "locks.h"

#include "futex.h"

void cond_wait(struct cond *c, struct mutex *m) {
    (void)c, (void)m; /* TODO: what does the waiter leave behind before it gives the mutex back? */
}

/* False: the deadline has passed. The mutex is the caller's again in any case. */
bool cond_wait_until(struct cond *c, struct mutex *m, uint64_t deadline_ns) {
    (void)c, (void)m, (void)deadline_ns;
    return false; /* TODO */
}

void cond_signal(struct cond *c) {
    (void)c; /* TODO */
}

void cond_broadcast(struct cond *c) {
    (void)c; /* TODO */
}
