/* SPDX-License-Identifier: MIT */
/* aba_on_next.c -- push links first, by CAS on the last node's `next`, and
 * moves the tail afterwards, as in the queue of Michael and Scott. But the
 * node it took for the last may have been popped meanwhile and be in use
 * elsewhere: its `next` is NULL again, the CAS succeeds because the value
 * returned, not because nothing changed, and the node hangs on something that
 * is not in the queue. A learner sees nodes lost as soon as nodes are
 * recycled. */
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
    for (;;) {
        struct mpsc_node *last = atomic_load_explicit(&q->tail, memory_order_acquire), *none = NULL;
        if (atomic_compare_exchange_strong_explicit(&last->next, &none, node, memory_order_acq_rel,
                                                    memory_order_acquire)) {
            atomic_compare_exchange_strong_explicit(&q->tail, &last, node, memory_order_acq_rel, memory_order_relaxed);
            return;
        }
        /* Somebody else linked `none` and has not moved the tail yet: help. */
        atomic_compare_exchange_strong_explicit(&q->tail, &last, none, memory_order_acq_rel, memory_order_relaxed);
    }
}

static struct mpsc_node *successor(struct mpsc_node *node) {
    return atomic_load_explicit(&node->next, memory_order_acquire);
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    struct mpsc_node *head = q->head, *next = successor(head);
    if (head == &q->dummy) {
        if (!next) return NULL;
        q->head = head = next;
        next = successor(head);
    }
    if (!next) {
        mpsc_push(q, &q->dummy);
        next = successor(head);
        if (!next) return NULL;
    }
    q->head = next;
    return head;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
