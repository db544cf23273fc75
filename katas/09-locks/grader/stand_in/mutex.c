/* SPDX-License-Identifier: MIT */
/* mutex.c -- a right mutex, which stands behind the learner's condvar.c: states 0, 1 (taken) and 2 (and awaited). */
#include "locks.h"

#include "futex.h"

#include <errno.h>

bool mutex_try(struct mutex *m) {
    uint32_t state = 0;
    return atomic_compare_exchange_strong(&m->word[0], &state, 1);
}

static bool lock_until(struct mutex *m, const uint64_t *deadline_ns) {
    if (mutex_try(m)) return true;
    while (atomic_exchange(&m->word[0], 2) != 0)
        if (futex_wait(&m->word[0], 2, deadline_ns) == -ETIMEDOUT) return false;
    return true;
}

void mutex_lock(struct mutex *m) {
    (void)lock_until(m, NULL); /* without a deadline it never gives up */
}

bool mutex_lock_until(struct mutex *m, uint64_t deadline_ns) {
    return lock_until(m, &deadline_ns);
}

void mutex_unlock(struct mutex *m) {
    if (atomic_exchange(&m->word[0], 0) == 2) futex_wake(&m->word[0], 1);
}

/* No condition variable needs it: as they come, and each once. */
void mutex_lock_all(struct mutex *const *mutexes, size_t n) {
    for (size_t i = 0; i < n; i++) mutex_lock(mutexes[i]);
}
