/* SPDX-License-Identifier: MIT */
/* A signal is a permit, which any waiter takes: one that begins to wait later takes it before the one for whom it was
 * is awake. glibc's condition variable did so until 2.25 (bug 13165). */
#include "locks.h"

#include "futex.h"

#include <errno.h>

enum { PERMITS, WAITERS };

static bool take(struct cond *c) {
    uint32_t permits = atomic_load(&c->word[PERMITS]);
    while (permits > 0)
        if (atomic_compare_exchange_weak(&c->word[PERMITS], &permits, permits - 1)) return true;
    return false;
}

static bool wait(struct cond *c, struct mutex *m, const uint64_t *deadline_ns) {
    bool late = false, got;
    atomic_fetch_add(&c->word[WAITERS], 1);
    mutex_unlock(m);
    while (!(got = take(c)) && !late) late = futex_wait(&c->word[PERMITS], 0, deadline_ns) == -ETIMEDOUT;
    if (!got) atomic_fetch_sub(&c->word[WAITERS], 1);
    mutex_lock(m);
    return got;
}

void cond_wait(struct cond *c, struct mutex *m) {
    (void)wait(c, m, NULL);
}

bool cond_wait_until(struct cond *c, struct mutex *m, uint64_t deadline_ns) {
    return wait(c, m, &deadline_ns);
}

/* A permit for each of them at most: their number goes down with it. */
static void permit(struct cond *c, uint32_t most) {
    uint32_t waiters = atomic_load(&c->word[WAITERS]), permits;
    do {
        permits = waiters < most ? waiters : most;
        if (permits == 0) return;
    } while (!atomic_compare_exchange_weak(&c->word[WAITERS], &waiters, waiters - permits));
    atomic_fetch_add(&c->word[PERMITS], permits);
    futex_wake(&c->word[PERMITS], (int)permits);
}

void cond_signal(struct cond *c) {
    permit(c, 1);
}

void cond_broadcast(struct cond *c) {
    permit(c, 1 << 30);
}
