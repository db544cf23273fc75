/* SPDX-License-Identifier: MIT */
/* condvar.c -- the reference: a queue of waiters, each of which sleeps on a word of its own.
 *
 * A waiter lies on its thread's stack, in the queue from before the mutex is given back until it is called or gives up.
 * So a signal can choose: the one that has waited longest. The queue has a lock of its own (as in mutex.c), which is
 * held for some assignments, or for waking those of one broadcast. */
#include "locks.h"

#include "futex.h"

#include <assert.h>
#include <errno.h>

enum { FREE, TAKEN, AWAITED };

struct waiter {
    _Atomic uint32_t called;
    struct waiter *next, *before;
};

/* What the words of a cond hold. */
struct queue {
    _Atomic uint32_t lock;
    struct waiter *first, *last;
};
static_assert(sizeof(struct queue) <= sizeof(struct cond), "a queue fits into the words");

static struct queue *take_queue(struct cond *c) {
    struct queue *q = (struct queue *)c;
    uint32_t state = FREE;
    if (atomic_compare_exchange_strong_explicit(&q->lock, &state, TAKEN, memory_order_acquire, memory_order_relaxed))
        return q;
    while (atomic_exchange_explicit(&q->lock, AWAITED, memory_order_acquire) != FREE)
        (void)futex_wait(&q->lock, AWAITED, NULL); /* whatever it answers, the lock is tried again */
    return q;
}

static void give_queue(struct queue *q) {
    if (atomic_exchange_explicit(&q->lock, FREE, memory_order_release) == AWAITED) futex_wake(&q->lock, 1);
}

static void append(struct queue *q, struct waiter *w) {
    w->before = q->last;
    *(q->last ? &q->last->next : &q->first) = w;
    q->last = w;
}

static void take_out(struct queue *q, struct waiter *w) {
    *(w->before ? &w->before->next : &q->first) = w->next;
    *(w->next ? &w->next->before : &q->last) = w->before;
}

/* With the queue's lock. After the store the waiter may have returned, and its stack may be anything: what is answered
 * is an address to wake. */
static _Atomic uint32_t *call(struct queue *q, struct waiter *w) {
    take_out(q, w);
    atomic_store_explicit(&w->called, 1, memory_order_release);
    return &w->called;
}

static bool is_called(struct waiter *w) {
    return atomic_load_explicit(&w->called, memory_order_acquire) != 0;
}

/* False if it was called meanwhile: then the signal was spent on it. */
static bool give_up(struct cond *c, struct waiter *w) {
    struct queue *q = take_queue(c);
    bool waits = !is_called(w);
    if (waits) take_out(q, w);
    give_queue(q);
    return waits;
}

static bool wait(struct cond *c, struct mutex *m, const uint64_t *deadline_ns) {
    struct waiter self = {0};
    bool gave_up = false;
    struct queue *q = take_queue(c);
    append(q, &self);
    give_queue(q);
    mutex_unlock(m);
    while (!gave_up && !is_called(&self))
        if (futex_wait(&self.called, 0, deadline_ns) == -ETIMEDOUT) gave_up = give_up(c, &self);
    mutex_lock(m);
    return !gave_up;
}

void cond_wait(struct cond *c, struct mutex *m) {
    (void)wait(c, m, NULL); /* without a deadline it never gives up */
}

bool cond_wait_until(struct cond *c, struct mutex *m, uint64_t deadline_ns) {
    return wait(c, m, &deadline_ns);
}

void cond_signal(struct cond *c) {
    struct queue *q = take_queue(c);
    _Atomic uint32_t *called = q->first ? call(q, q->first) : NULL;
    give_queue(q); /* before the wake: whoever wakes on this CPU at once wants the queue, too */
    if (called) futex_wake(called, 1);
}

/* Nobody can come while the queue's lock is held. */
void cond_broadcast(struct cond *c) {
    struct queue *q = take_queue(c);
    while (q->first) futex_wake(call(q, q->first), 1);
    give_queue(q);
}
