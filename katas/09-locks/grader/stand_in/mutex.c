/* SPDX-License-Identifier: MIT */
/* mutex.c -- a right mutex, which stands behind the learner's condvar.c. Its word and its states are not those that
 * most mutexes have: a condition variable that reads or writes the mutex' words itself, as if it knew them, is seen. */
#include "locks.h"

#include "futex.h"

#include <errno.h>

enum { WORD = 5, FREE = 0, TAKEN = 3, AWAITED = 6 };

bool mutex_try(struct mutex *m) {
    uint32_t state = FREE;
    return atomic_compare_exchange_strong(&m->word[WORD], &state, TAKEN);
}

static bool lock_until(struct mutex *m, const uint64_t *deadline_ns) {
    if (mutex_try(m)) return true;
    while (atomic_exchange(&m->word[WORD], AWAITED) != FREE)
        if (futex_wait(&m->word[WORD], AWAITED, deadline_ns) == -ETIMEDOUT) return false;
    return true;
}

void mutex_lock(struct mutex *m) {
    (void)lock_until(m, NULL); /* without a deadline it never gives up */
}

bool mutex_lock_until(struct mutex *m, uint64_t deadline_ns) {
    return lock_until(m, &deadline_ns);
}

void mutex_unlock(struct mutex *m) {
    if (atomic_exchange(&m->word[WORD], FREE) == AWAITED) futex_wake(&m->word[WORD], 1);
}

/* No condition variable needs it: as they come, and each once. */
void mutex_lock_all(struct mutex *const *mutexes, size_t n) {
    for (size_t i = 0; i < n; i++) mutex_lock(mutexes[i]);
}
