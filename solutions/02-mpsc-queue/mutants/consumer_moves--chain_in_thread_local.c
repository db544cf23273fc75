/* SPDX-License-Identifier: MIT */
/* chain_in_thread_local.c -- the consumer keeps the nodes that it has taken
 * and turned round in thread-local memory, per queue. When the role moves,
 * they stay behind with the old thread. A learner sees nodes come out late and
 * out of order, or not at all, but only when two threads take turns as the
 * consumer. */
#include "mpsc_queue.h"

#include <stdalign.h>
#include <stdlib.h>

#define CACHE_LINE 64

struct mpsc_queue {
    alignas(CACHE_LINE) _Atomic(struct mpsc_node *) top;
};

/* The consumer's own: the nodes it has taken, in order, from a few queues. */
static _Thread_local struct taken {
    struct mpsc_queue *from;
    struct mpsc_node *oldest;
} taken[16];

static struct taken *taken_from(struct mpsc_queue *q) {
    struct taken *t = taken, *end = taken + sizeof taken / sizeof *taken;
    while (t < end && t->from != q) t++;
    if (t < end) return t;
    t = taken;
    while (t->from) t++;
    t->from = q;
    return t;
}

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = aligned_alloc(CACHE_LINE, sizeof *q);
    if (!q) return NULL;
    atomic_init(&q->top, NULL);
    return q;
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    struct mpsc_node *below = atomic_load_explicit(&q->top, memory_order_relaxed);
    do {
        atomic_store_explicit(&node->next, below, memory_order_relaxed);
    } while (!atomic_compare_exchange_weak_explicit(&q->top, &below, node, memory_order_release, memory_order_relaxed));
}

static struct mpsc_node *reversed(struct mpsc_node *chain) {
    struct mpsc_node *done = NULL;
    while (chain) {
        struct mpsc_node *next = atomic_load_explicit(&chain->next, memory_order_relaxed);
        atomic_store_explicit(&chain->next, done, memory_order_relaxed);
        done = chain;
        chain = next;
    }
    return done;
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    struct taken *t = taken_from(q);
    if (!t->oldest) t->oldest = reversed(atomic_exchange_explicit(&q->top, NULL, memory_order_acquire));
    struct mpsc_node *node = t->oldest;
    if (node) t->oldest = atomic_load_explicit(&node->next, memory_order_relaxed);
    return node;
}

void mpsc_free(struct mpsc_queue *q) {
    if (!q) return;
    *taken_from(q) = (struct taken){NULL, NULL};
    free(q);
}
