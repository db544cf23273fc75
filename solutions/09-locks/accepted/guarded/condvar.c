/* SPDX-License-Identifier: MIT */
/* All words of it are plain numbers under a small lock that sleeps. A waiter has that lock until the mutex is given
 * back: a signal that comes meanwhile sleeps until the waiter is there. */
#include "locks.h"

#include "futex.h"

#include <errno.h>
#include <limits.h>

enum { GUARD, CALLS, WAITERS };
enum { FREE, TAKEN, AWAITED };

static void enter(struct cond *c) {
    uint32_t found = FREE;
    if (atomic_compare_exchange_strong(&c->word[GUARD], &found, TAKEN)) return;
    while (atomic_exchange(&c->word[GUARD], AWAITED) != FREE) (void)futex_wait(&c->word[GUARD], AWAITED, NULL);
}

static void leave(struct cond *c) {
    if (atomic_exchange(&c->word[GUARD], FREE) == AWAITED) futex_wake(&c->word[GUARD], 1);
}

static uint32_t look(struct cond *c, int number) {
    return atomic_load_explicit(&c->word[number], memory_order_relaxed);
}

static void add(struct cond *c, int number, uint32_t amount) {
    atomic_store_explicit(&c->word[number], look(c, number) + amount, memory_order_relaxed);
}

static bool wait(struct cond *c, struct mutex *m, const uint64_t *deadline_ns) {
    enter(c);
    uint32_t calls = look(c, CALLS);
    add(c, WAITERS, 1);
    mutex_unlock(m);
    leave(c);
    bool late = futex_wait(&c->word[CALLS], calls, deadline_ns) == -ETIMEDOUT;
    enter(c);
    add(c, WAITERS, UINT32_MAX);
    leave(c);
    mutex_lock(m);
    return !late;
}

static void call(struct cond *c, int threads) {
    enter(c);
    bool any = look(c, WAITERS) > 0;
    if (any) add(c, CALLS, 1);
    leave(c);
    if (any) futex_wake(&c->word[CALLS], threads);
}

void cond_wait(struct cond *c, struct mutex *m) {
    (void)wait(c, m, NULL);
}

bool cond_wait_until(struct cond *c, struct mutex *m, uint64_t deadline_ns) {
    return wait(c, m, &deadline_ns);
}

void cond_signal(struct cond *c) {
    call(c, 1);
}

void cond_broadcast(struct cond *c) {
    call(c, INT_MAX);
}
