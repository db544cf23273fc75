/* SPDX-License-Identifier: MIT */
/* Units and waiters are counted in one number of 64 bits, as in glibc since 2.21: units in the first word. */
#include "locks.h"

#include "futex.h"

#include <assert.h>
#include <errno.h>

#define ONE_WAITER (UINT64_C(1) << 32)
static_assert(sizeof(uint64_t) == 2 * sizeof(uint32_t), "two words");

static _Atomic uint64_t *number(struct sem *s) {
    return (_Atomic uint64_t *)(void *)s->word;
}

static _Atomic uint32_t *units(struct sem *s) {
    const uint32_t one = 1; /* the word of the lower half */
    return &s->word[*(const unsigned char *)&one ? 0 : 1];
}

static bool take(struct sem *s, uint64_t beside) {
    uint64_t now = atomic_load_explicit(number(s), memory_order_relaxed);
    while ((uint32_t)now > 0)
        if (atomic_compare_exchange_weak_explicit(number(s), &now, now - 1 - beside, memory_order_acquire,
                                                  memory_order_relaxed))
            return true;
    return false;
}

void sem_up(struct sem *s) {
    uint64_t before = atomic_fetch_add_explicit(number(s), 1, memory_order_release);
    if (before >= ONE_WAITER) futex_wake(units(s), 1);
}

bool sem_try_down(struct sem *s) {
    return take(s, 0);
}

static bool down(struct sem *s, const uint64_t *deadline_ns) {
    if (take(s, 0)) return true;
    atomic_fetch_add_explicit(number(s), ONE_WAITER, memory_order_relaxed);
    while (!take(s, ONE_WAITER))
        if (futex_wait(units(s), 0, deadline_ns) == -ETIMEDOUT) {
            atomic_fetch_sub_explicit(number(s), ONE_WAITER, memory_order_relaxed);
            return false;
        }
    return true;
}

void sem_down(struct sem *s) {
    (void)down(s, NULL);
}

bool sem_down_until(struct sem *s, uint64_t deadline_ns) {
    return down(s, &deadline_ns);
}
