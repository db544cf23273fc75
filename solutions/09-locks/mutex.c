/* SPDX-License-Identifier: MIT */
/* mutex.c -- the reference: one word with three states (Drepper, "Futexes Are Tricky", 2011: mutex 3).
 *
 * FREE; TAKEN, and nobody sleeps; AWAITED: taken, and somebody may sleep. Only an unlock from AWAITED asks the kernel.
 * Whoever has slept takes the mutex as AWAITED, since it cannot know whether others sleep still. */
#include "locks.h"

#include "futex.h"

#include <errno.h>

enum { FREE, TAKEN, AWAITED };

/* Acquire: this thread sees what the one before did. */
bool mutex_try(struct mutex *m) {
    uint32_t state = FREE;
    return atomic_compare_exchange_strong_explicit(&m->word[0], &state, TAKEN, memory_order_acquire,
                                                   memory_order_relaxed);
}

/* Whoever sleeps has said so in the word before, and sleeps only while the word still says so. A thread that gives up
 * leaves it so: the next unlock wakes one too many, or nobody. Acquire as in mutex_try. */
static bool lock_slowly(struct mutex *m, const uint64_t *deadline_ns) {
    while (atomic_exchange_explicit(&m->word[0], AWAITED, memory_order_acquire) != FREE)
        if (futex_wait(&m->word[0], AWAITED, deadline_ns) == -ETIMEDOUT) return false;
    return true;
}

void mutex_lock(struct mutex *m) {
    if (!mutex_try(m)) (void)lock_slowly(m, NULL); /* without a deadline it never gives up */
}

bool mutex_lock_until(struct mutex *m, uint64_t deadline_ns) {
    return mutex_try(m) || lock_slowly(m, &deadline_ns);
}

/* Release: the next one sees what was done here. The exchange tells in one step whether anybody sleeps: after it the
 * mutex may be gone, and a wake on its address hurts nobody. */
void mutex_unlock(struct mutex *m) {
    if (atomic_exchange_explicit(&m->word[0], FREE, memory_order_release) == AWAITED) futex_wake(&m->word[0], 1);
}

/* The least of those above `last`; NULL: there is none. */
static struct mutex *next_above(struct mutex *last, struct mutex *const *mutexes, size_t n) {
    struct mutex *next = NULL;
    for (size_t i = 0; i < n; i++)
        if ((uintptr_t)mutexes[i] > (uintptr_t)last && (!next || (uintptr_t)mutexes[i] < (uintptr_t)next))
            next = mutexes[i];
    return next;
}

/* By rising address: whoever waits has only mutexes below the one it waits for, so no circle closes. Equal ones are
 * met once. n^2 comparisons, and no memory. */
void mutex_lock_all(struct mutex *const *mutexes, size_t n) {
    for (struct mutex *m = next_above(NULL, mutexes, n); m; m = next_above(m, mutexes, n)) mutex_lock(m);
}
