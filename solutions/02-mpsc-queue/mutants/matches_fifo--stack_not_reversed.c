/* SPDX-License-Identifier: MIT */
/* stack_not_reversed.c -- the consumer takes the whole stack and hands it out
 * as it lies, newest first. A learner sees push(1) push(2) pop answered with
 * 2. */
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

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    if (!q->oldest) q->oldest = atomic_exchange_explicit(&q->top, NULL, memory_order_acquire);
    struct mpsc_node *node = q->oldest;
    if (node) q->oldest = atomic_load_explicit(&node->next, memory_order_relaxed);
    return node;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
