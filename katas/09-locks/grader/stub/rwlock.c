/* SPDX-License-Identifier: MIT */
/* rwlock.c -- many readers or one writer, in phases.
 *
 * The full contract is in locks.h, the kernel's two calls are in futex.h; run
 * `bun kata hint 09` when you are stuck.
 *
 * What must stay true, whatever the threads do:
 *   1. While one writes nobody else has the lock; readers share it.
 *   2. A writer waits for no reader that came after it.
 *   3. A reader waits for one writer at most.
 *   4. Writers have the lock in the order in which they came.
 *
 * Before you type, answer this on paper: a writer has the lock; a reader and
 * another writer wait. Who must be next, and what if the reader had come last? */
#include "locks.h"

#include "futex.h"

void rw_read_lock(struct rw *l) {
    (void)l; /* TODO: for whom does a reader wait? */
}

void rw_read_unlock(struct rw *l) {
    (void)l; /* TODO: which reader wakes the writer? */
}

void rw_write_lock(struct rw *l) {
    (void)l; /* TODO: whom does it let finish, and whom does it keep out? */
}

void rw_write_unlock(struct rw *l) {
    (void)l; /* TODO */
}
