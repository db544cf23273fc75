/* SPDX-License-Identifier: MIT */
/* acquire_where_release.c -- the fence between claim and link is an acquire
 * fence: it holds back what comes after it, and lets what was written before
 * it, the item's contents, follow the link. A learner is shown, for one of all
 * the schedules with two preemptions, who wrote and who read. */
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
    struct mpsc_node *prev = atomic_exchange_explicit(&q->tail, node, memory_order_relaxed);

    /* The claim before the link. */
    atomic_thread_fence(memory_order_acquire);
    atomic_store_explicit(&prev->next, node, memory_order_relaxed);
}

static struct mpsc_node *successor(struct mpsc_node *node) {
    struct mpsc_node *next = atomic_load_explicit(&node->next, memory_order_relaxed);

    /* The link before everything that is read through it. */
    atomic_thread_fence(memory_order_acquire);
    return next;
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
