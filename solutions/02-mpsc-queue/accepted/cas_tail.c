/* SPDX-License-Identifier: MIT */
/* cas_tail.c -- the tail is claimed by compare-and-swap, in a loop.
 *
 * ABA does no harm here: success says that `prev` is the newest node now,
 * which is all that push needs to know, even if that node was popped and
 * pushed again since `prev` was read. */
#include "mpsc_queue.h"

#include <stdalign.h>
#include <stdlib.h>

#define CACHE_LINE 64

struct mpsc_queue {
    alignas(CACHE_LINE) _Atomic(struct mpsc_node *) tail; /* newest; producers fight for this line */
    alignas(CACHE_LINE) struct mpsc_node *head;           /* oldest; the consumer's own */
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

    /* Release, so that whoever claims after us finds our `next` NULL and
     * writes to it later; acquire, so that the same holds for us and `prev`.
     * A failed CAS has loaded `prev` anew; one fails only because another
     * producer got its place: lock-free, not wait-free. */
    struct mpsc_node *prev = atomic_load_explicit(&q->tail, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&q->tail, &prev, node, memory_order_acq_rel, memory_order_relaxed)) {
    }

    /* Release: the item's contents become visible with its link. */
    atomic_store_explicit(&prev->next, node, memory_order_release);
}

/* The node after `node`, contents included, or NULL. */
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
        /* Relaxed: nothing is read through the answer. */
        if (atomic_load_explicit(&q->tail, memory_order_relaxed) != head) return NULL;
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
