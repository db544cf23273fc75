/* SPDX-License-Identifier: MIT */
/* All sleep on one word, the number of signals: a waiter that has read it before it gave the mutex back does not sleep
 * once it has changed. Whoever is woken returns, for a reason or for none. That 2^32 signals come between its look and
 * its sleep is not believed. */
#include "locks.h"

#include "futex.h"

#include <errno.h>

enum { SIGNALS, WAITERS };

static bool wait(struct cond *c, struct mutex *m, const uint64_t *deadline_ns) {
    atomic_fetch_add(&c->word[WAITERS], 1);
    uint32_t signals = atomic_load(&c->word[SIGNALS]);
    mutex_unlock(m);
    bool late = futex_wait(&c->word[SIGNALS], signals, deadline_ns) == -ETIMEDOUT;
    atomic_fetch_sub(&c->word[WAITERS], 1);
    mutex_lock(m);
    return !late;
}

void cond_wait(struct cond *c, struct mutex *m) {
    (void)wait(c, m, NULL);
}

bool cond_wait_until(struct cond *c, struct mutex *m, uint64_t deadline_ns) {
    return wait(c, m, &deadline_ns);
}

static void signal(struct cond *c, int threads) {
    if (atomic_load(&c->word[WAITERS]) == 0) return;
    atomic_fetch_add(&c->word[SIGNALS], 1);
    futex_wake(&c->word[SIGNALS], threads);
}

void cond_signal(struct cond *c) {
    signal(c, 1);
}

void cond_broadcast(struct cond *c) {
    signal(c, 1 << 30);
}
