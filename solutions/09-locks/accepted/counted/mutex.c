/* SPDX-License-Identifier: MIT */
/* Waiters are counted beside the bit that says taken, in one word: the unlock sees both in one step. Many mutexes are
 * locked by trying: who fails lets go of all, waits for that one, and begins with it. */
#include "locks.h"

#include "futex.h"

#include <errno.h>

enum { TAKEN = 1, ONE_WAITER = 2 };

bool mutex_try(struct mutex *m) {
    uint32_t word = atomic_load_explicit(&m->word[0], memory_order_relaxed);
    while (!(word & TAKEN))
        if (atomic_compare_exchange_weak_explicit(&m->word[0], &word, word | TAKEN, memory_order_acquire,
                                                  memory_order_relaxed))
            return true;
    return false;
}

/* A waiter leaves the count in the step in which it takes the mutex, or when it gives up. */
static bool lock_until(struct mutex *m, const uint64_t *deadline_ns) {
    if (mutex_try(m)) return true;
    uint32_t word = atomic_fetch_add_explicit(&m->word[0], ONE_WAITER, memory_order_relaxed) + ONE_WAITER;
    for (;;) {
        while (!(word & TAKEN))
            if (atomic_compare_exchange_weak_explicit(&m->word[0], &word, (word - ONE_WAITER) | TAKEN,
                                                      memory_order_acquire, memory_order_relaxed))
                return true;
        if (futex_wait(&m->word[0], word, deadline_ns) == -ETIMEDOUT) break;
        word = atomic_load_explicit(&m->word[0], memory_order_relaxed);
    }
    atomic_fetch_sub_explicit(&m->word[0], ONE_WAITER, memory_order_relaxed);
    return false;
}

void mutex_lock(struct mutex *m) {
    (void)lock_until(m, NULL);
}

bool mutex_lock_until(struct mutex *m, uint64_t deadline_ns) {
    return lock_until(m, &deadline_ns);
}

void mutex_unlock(struct mutex *m) {
    uint32_t word = atomic_fetch_sub_explicit(&m->word[0], TAKEN, memory_order_release);
    if (word >= ONE_WAITER) futex_wake(&m->word[0], 1);
}

static bool comes_before(struct mutex *const *mutexes, size_t i) {
    for (size_t j = 0; j < i; j++)
        if (mutexes[j] == mutexes[i]) return true;
    return false;
}

/* With mutexes[held] in hand; answers the place of one that is not to be had, with nothing in hand then, or n. */
static size_t try_the_rest(struct mutex *const *mutexes, size_t n, size_t held) {
    for (size_t i = 0; i < n; i++) {
        if (mutexes[i] == mutexes[held] || comes_before(mutexes, i) || mutex_try(mutexes[i])) continue;
        for (size_t j = 0; j < i; j++)
            if (mutexes[j] != mutexes[held] && !comes_before(mutexes, j)) mutex_unlock(mutexes[j]);
        mutex_unlock(mutexes[held]);
        return i;
    }
    return n;
}

void mutex_lock_all(struct mutex *const *mutexes, size_t n) {
    for (size_t first = 0; first < n;) {
        mutex_lock(mutexes[first]);
        first = try_the_rest(mutexes, n, first);
    }
}
