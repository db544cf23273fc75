/* SPDX-License-Identifier: MIT
 *
 * vyukov.c -- exchange on the tail (Vyukov's intrusive MPSC queue). A push that stops between its two stores
 * hides what is behind it, which the contract allows: pop then answers NULL. */
#include "mpsc_queue.h"

#include <stdlib.h>

struct mpsc_queue {
    _Atomic(struct mpsc_node *) tail;
    struct mpsc_node *head; /* the consumer's */
    struct mpsc_node stub;
};

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = malloc(sizeof *q);
    if (!q)
        return NULL;
    atomic_init(&q->stub.next, NULL);
    atomic_init(&q->tail, &q->stub);
    q->head = &q->stub;
    return q;
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    atomic_store_explicit(&node->next, NULL, memory_order_relaxed);
    struct mpsc_node *prev = atomic_exchange_explicit(&q->tail, node, memory_order_acq_rel);
    atomic_store_explicit(&prev->next, node, memory_order_release);
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    struct mpsc_node *head = q->head;
    struct mpsc_node *next = atomic_load_explicit(&head->next, memory_order_acquire);
    if (head == &q->stub) {
        if (!next)
            return NULL;
        q->head = head = next;
        next = atomic_load_explicit(&head->next, memory_order_acquire);
    }
    if (next) {
        q->head = next;
        return head;
    }
    if (atomic_load_explicit(&q->tail, memory_order_acquire) != head)
        return NULL; /* a push is half done */
    mpsc_push(q, &q->stub);
    next = atomic_load_explicit(&head->next, memory_order_acquire);
    if (!next)
        return NULL;
    q->head = next;
    return head;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
