/* SPDX-License-Identifier: MIT */
/* walks_to_the_oldest.c -- pop walks down the whole stack for its oldest node,
 * every time. Nothing is lost and nobody waits, but the cost grows with the
 * length of the queue. A learner sees hundreds of steps per pop at 1,000 nodes
 * and the limit at 100,000. */
#include "mpsc_queue.h"

#include <stdalign.h>
#include <stdlib.h>

#define CACHE_LINE 64

struct mpsc_queue {
    alignas(CACHE_LINE) _Atomic(struct mpsc_node *) top;
};

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

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    struct mpsc_node *node = atomic_load_explicit(&q->top, memory_order_acquire), *above = NULL;
    if (!node) return NULL;

    /* Alone, it is the top as well, and must be taken from the producers. */
    struct mpsc_node *alone = node;
    if (!atomic_load_explicit(&node->next, memory_order_relaxed) &&
        atomic_compare_exchange_strong_explicit(&q->top, &alone, NULL, memory_order_acquire, memory_order_acquire))
        return node;

    node = atomic_load_explicit(&q->top, memory_order_acquire);
    for (struct mpsc_node *next; (next = atomic_load_explicit(&node->next, memory_order_relaxed)); node = next)
        above = node;
    atomic_store_explicit(&above->next, NULL, memory_order_relaxed);
    return node;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
