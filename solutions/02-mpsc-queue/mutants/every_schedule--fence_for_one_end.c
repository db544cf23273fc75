/* SPDX-License-Identifier: MIT */
/* fence_for_one_end.c -- the producers' fences order their stores, and the
 * consumer, which has only a relaxed load, orders nothing with them: a fence
 * needs a partner. On x86 it never fails, stock ThreadSanitizer does not
 * understand fences, so only the schedule explorer sees it: a learner is shown
 * the item's contents written and read with nothing in between. */
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

    /* Everything above, the item and `next`, before both stores below: the
     * claim, for the next producer, and the link, for the consumer. */
    atomic_thread_fence(memory_order_release);
    struct mpsc_node *prev = atomic_exchange_explicit(&q->tail, node, memory_order_relaxed);

    /* The claim of `prev`, and with it the NULL in its `next`, before ours. */
    atomic_thread_fence(memory_order_acquire);
    atomic_store_explicit(&prev->next, node, memory_order_relaxed);
}

static struct mpsc_node *successor(struct mpsc_node *node) {
    return atomic_load_explicit(&node->next, memory_order_relaxed);
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    struct mpsc_node *head = q->head, *next = successor(head);
    if (head == &q->dummy) {
        if (!next) return NULL;
        q->head = head = next;
        next = successor(head);
    }
    if (!next) {
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
