/* SPDX-License-Identifier: MIT */
/* spin.c -- a lock for sections of a few instructions, first come, first served.
 *
 * The full contract is in locks.h; run `bun kata hint 09` when you are stuck.
 *
 * What must stay true, whatever the threads do:
 *   1. One thread has the lock at a time, and sees what the one before it did.
 *   2. Whoever waits is served before those who come later.
 *   3. After 100 tries a waiter yields the processor between tries.
 *
 * Before you type, answer this on paper: a baker with one counter serves his
 * customers in order without a queue in which anybody stands. What hangs on
 * the wall, and what does each customer hold? */
#include "locks.h"

#include <sched.h>

void spin_lock(struct spin *s) {
    (void)s; /* TODO: wait so that rules 1 to 3 hold. */
}

/* At once: true if this thread has the lock now. */
bool spin_try(struct spin *s) {
    (void)s;
    return false; /* TODO: who else must have left, and who must not be waiting? */
}

void spin_unlock(struct spin *s) {
    (void)s; /* TODO: who is next? */
}
