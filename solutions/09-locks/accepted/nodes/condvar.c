/* SPDX-License-Identifier: MIT */
/* A stack of waiters: a signal calls the one that came last, of those that have waited before it. A waiter that gives
 * up looks for itself on the stack, which a small lock that sleeps guards. */
#include "locks.h"

#include "futex.h"

#include <assert.h>
#include <errno.h>

struct waiter {
    _Atomic uint32_t called;
    struct waiter *below;
};

struct stack {
    _Atomic uint32_t lock;
    struct waiter *top;
};
static_assert(sizeof(struct stack) <= sizeof(struct cond), "it fits into the words");

static struct stack *take(struct cond *c) {
    struct stack *s = (struct stack *)c;
    uint32_t free = 0;
    if (atomic_compare_exchange_strong_explicit(&s->lock, &free, 1, memory_order_acquire, memory_order_relaxed))
        return s;
    while (atomic_exchange_explicit(&s->lock, 2, memory_order_acquire) != 0) (void)futex_wait(&s->lock, 2, NULL);
    return s;
}

static void give(struct stack *s) {
    if (atomic_exchange_explicit(&s->lock, 0, memory_order_release) == 2) futex_wake(&s->lock, 1);
}

static bool was_on(struct stack *s, struct waiter *w) {
    for (struct waiter **at = &s->top; *at; at = &(*at)->below)
        if (*at == w) {
            *at = w->below;
            return true;
        }
    return false;
}

static bool wait(struct cond *c, struct mutex *m, const uint64_t *deadline_ns) {
    struct waiter self = {0};
    bool gave_up = false;
    struct stack *s = take(c);
    self.below = s->top;
    s->top = &self;
    give(s);
    mutex_unlock(m);
    while (!gave_up && !atomic_load_explicit(&self.called, memory_order_acquire)) {
        if (futex_wait(&self.called, 0, deadline_ns) != -ETIMEDOUT) continue;
        s = take(c);
        gave_up = was_on(s, &self);
        give(s);
    }
    mutex_lock(m);
    return !gave_up;
}

static void call_top(struct stack *s) {
    struct waiter *w = s->top;
    s->top = w->below;
    atomic_store_explicit(&w->called, 1, memory_order_release);
    futex_wake(&w->called, 1);
}

void cond_wait(struct cond *c, struct mutex *m) {
    (void)wait(c, m, NULL);
}

bool cond_wait_until(struct cond *c, struct mutex *m, uint64_t deadline_ns) {
    return wait(c, m, &deadline_ns);
}

void cond_signal(struct cond *c) {
    struct stack *s = take(c);
    if (s->top) call_top(s);
    give(s);
}

void cond_broadcast(struct cond *c) {
    struct stack *s = take(c);
    while (s->top) call_top(s);
    give(s);
}
