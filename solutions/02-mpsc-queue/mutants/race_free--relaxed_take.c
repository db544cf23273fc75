/* SPDX-License-Identifier: MIT */
/* relaxed_take.c -- the stack is taken whole with a relaxed exchange, which
 * pairs with no push's release. A learner sees a race between the producer's
 * write of the item and the consumer's read. */
#include "mpsc_queue.h"

#include <stdalign.h>
#include <stdlib.h>

#define CACHE_LINE 64

struct mpsc_queue {
    alignas(CACHE_LINE) _Atomic(struct mpsc_node *) top;
    alignas(CACHE_LINE) struct mpsc_node *oldest;
};

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = aligned_alloc(CACHE_LINE, sizeof *q);
    if (!q) return NULL;
    atomic_init(&q->top, NULL);
    q->oldest = NULL;
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
    if (!q->oldest) q->oldest = reversed(atomic_exchange_explicit(&q->top, NULL, memory_order_relaxed));
    struct mpsc_node *node = q->oldest;
    if (node) q->oldest = atomic_load_explicit(&node->next, memory_order_relaxed);
    return node;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
