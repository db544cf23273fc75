/* SPDX-License-Identifier: MIT */
/* size_not_multiple.c -- the queue is 80 bytes and aligned_alloc is asked for
 * them at an alignment of 64. C11 wants the size to be a multiple of the
 * alignment; many C libraries let it pass. A learner sees the sanitizer refuse
 * the call in mpsc_new. */
#include "mpsc_queue.h"

#include <stdlib.h>

#define CACHE_LINE 64

struct mpsc_queue {
    _Atomic(struct mpsc_node *) tail;
    char apart[CACHE_LINE - sizeof(void *)]; /* keeps `head` off the producers' line */
    struct mpsc_node *head;
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
