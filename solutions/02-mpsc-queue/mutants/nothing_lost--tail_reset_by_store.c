/* SPDX-License-Identifier: MIT */
/* tail_reset_by_store.c -- after the last node, pop resets the tail to the
 * dummy with a store. A producer that has just claimed its place behind that
 * last node is forgotten, and so is every push until then. */
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

static struct mpsc_node *successor(struct mpsc_node *node) {
    return atomic_load_explicit(&node->next, memory_order_acquire);
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    struct mpsc_node *first = successor(&q->dummy);
    if (!first) return NULL;
    struct mpsc_node *next = successor(first);
    if (!next) {
        if (atomic_load_explicit(&q->tail, memory_order_acquire) != first) return NULL;
        atomic_store_explicit(&q->dummy.next, NULL, memory_order_relaxed);
        atomic_store_explicit(&q->tail, &q->dummy, memory_order_release);
        return first;
    }
    atomic_store_explicit(&q->dummy.next, next, memory_order_relaxed);
    return first;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
