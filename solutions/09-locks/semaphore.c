/* SPDX-License-Identifier: MIT */
/* semaphore.c -- the reference: units and a mark for sleepers in one word, so that one step changes both.
 *
 * An up takes the mark away and wakes one. That one sets the mark again when it takes its unit, since others may sleep
 * still, and wakes another if there are more units: they came when there was no mark. */
#include "locks.h"

#include "futex.h"

#include <errno.h>

enum { SLEEPERS = 1, ONE_UNIT = 2 };

/* Release: who takes the unit sees what was done before. After the exchange the semaphore may be gone. */
void sem_up(struct sem *s) {
    uint32_t word = atomic_load_explicit(&s->word[0], memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&s->word[0], &word, (word + ONE_UNIT) & ~(uint32_t)SLEEPERS,
                                                  memory_order_release, memory_order_relaxed)) {
        /* Another thread was faster; the exchange has read the word again. */
    }
    if (word & SLEEPERS) futex_wake(&s->word[0], 1);
}

/* Takes a unit if there is one, and adds `mark` to what is left. Acquire: what was done before the up is seen. */
static bool take(struct sem *s, uint32_t *word, uint32_t mark) {
    *word = atomic_load_explicit(&s->word[0], memory_order_relaxed);
    while (*word >= ONE_UNIT)
        if (atomic_compare_exchange_weak_explicit(&s->word[0], word, (*word - ONE_UNIT) | mark, memory_order_acquire,
                                                  memory_order_relaxed))
            return true;
    return false;
}

bool sem_try_down(struct sem *s) {
    uint32_t word;
    return take(s, &word, 0);
}

static bool down_slowly(struct sem *s, const uint64_t *deadline_ns) {
    uint32_t word;
    while (!take(s, &word, SLEEPERS)) {
        if (word == 0 && !atomic_compare_exchange_strong_explicit(&s->word[0], &word, SLEEPERS, memory_order_relaxed,
                                                                  memory_order_relaxed))
            continue;
        if (futex_wait(&s->word[0], SLEEPERS, deadline_ns) == -ETIMEDOUT) return false;
    }
    if (word >= 2 * ONE_UNIT) futex_wake(&s->word[0], 1);
    return true;
}

void sem_down(struct sem *s) {
    if (!sem_try_down(s)) (void)down_slowly(s, NULL); /* without a deadline it never gives up */
}

bool sem_down_until(struct sem *s, uint64_t deadline_ns) {
    return sem_try_down(s) || down_slowly(s, &deadline_ns);
}
