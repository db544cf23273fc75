/* SPDX-License-Identifier: MIT */
/* semaphore.c -- units to be taken, and brought back by anybody.
 *
 * The full contract is in locks.h, the kernel's two calls are in futex.h; run
 * `bun kata hint 09` when you are stuck.
 *
 * What must stay true, whatever the threads do:
 *   1. Every unit that was brought is taken once.
 *   2. No thread sleeps while there are units.
 *   3. A down that ran into its deadline has taken none.
 *   4. After the store that brings the unit, up touches the semaphore no more.
 *
 * Before you type, answer this on paper: up adds a unit, and then looks
 * whether anybody sleeps. What may have become of the semaphore in between? */
#include "locks.h"

#include "futex.h"

void sem_up(struct sem *s) {
    (void)s; /* TODO: so that rules 1, 2 and 4 hold. */
}

void sem_down(struct sem *s) {
    (void)s; /* TODO: when is it right to sleep, and on which value? */
}

/* At once: true if this thread has taken a unit. */
bool sem_try_down(struct sem *s) {
    (void)s;
    return false; /* TODO */
}

/* False: the deadline has passed, and nothing was taken. */
bool sem_down_until(struct sem *s, uint64_t deadline_ns) {
    (void)s, (void)deadline_ns;
    return false; /* TODO */
}
