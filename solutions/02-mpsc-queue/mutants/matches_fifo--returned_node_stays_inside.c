/* SPDX-License-Identifier: MIT */
/* returned_node_stays_inside.c -- pop hands out the successor of the dummy and
 * keeps that same node as the new dummy, as the textbook queue does that
 * copies values out of its nodes. Here the node is the caller's: it is pushed
 * again while the queue still follows its `next`. A learner sees a re-pushed
 * node never come out, or the same node twice. */
#include "mpsc_queue.h"

#include <stdalign.h>
#include <stdlib.h>

#define CACHE_LINE 64

struct mpsc_queue {
    alignas(CACHE_LINE) _Atomic(struct mpsc_node *) tail;
    alignas(CACHE_LINE) struct mpsc_node *head;
    struct mpsc_node dummy;
};

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = aligned_alloc(CACHE_LINE, sizeof *q);
    if (!q) return NULL;
    atomic_init(&q->dummy.next, NULL);
    atomic_init(&q->tail, &q->dummy);
    q->head = &q->dummy;
    return q;
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    atomic_store_explicit(&node->next, NULL, memory_order_relaxed);
    struct mpsc_node *prev = atomic_exchange_explicit(&q->tail, node, memory_order_acq_rel);
    atomic_store_explicit(&prev->next, node, memory_order_release);
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    struct mpsc_node *next = atomic_load_explicit(&q->head->next, memory_order_acquire);
    if (next) q->head = next;
    return next;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
