/* SPDX-License-Identifier: MIT
 *
 * vyukov.c -- exchange on the tail (Vyukov's intrusive MPSC queue). A push that stops between its
 * two stores hides what is behind it, which the contract allows: pop then answers NULL.
 *
 * planted 1 (race): the link is published by a relaxed store
 * planted 2 (race): the link is read by a relaxed load
 * planted 3 (property|crash|livelock|race): the tail is loaded, then stored, instead of exchanged
 * planted 4 (race): the tail is not atomic
 * planted 5 (property|race|livelock): next is cleared after the node was published
 * planted 6 (blocked_by_parked_thread): pop waits for the half-done push
 * planted 7 (leak): mpsc_free forgets the queue
 * planted 8 (use_after_free): mpsc_free walks the nodes left inside
 * planted 9 (crash): mpsc_new does not check malloc
 * planted 10 (property|crash|livelock|race): next is not cleared at all */
#include "mpsc_queue.h"

#include <stdlib.h>

#ifndef PLANTED
#define PLANTED 0
#endif

#define LINK_ORDER (PLANTED == 1 ? memory_order_relaxed : memory_order_release)
#define READ_ORDER (PLANTED == 2 ? memory_order_relaxed : memory_order_acquire)

struct mpsc_queue {
#if PLANTED == 4
    struct mpsc_node *tail;
#else
    _Atomic(struct mpsc_node *) tail;
#endif
    struct mpsc_node *head; /* the consumer's */
    struct mpsc_node stub;
};

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = malloc(sizeof *q);
    if (!q && PLANTED != 9) return NULL;
    atomic_init(&q->stub.next, NULL);
    q->tail = &q->stub;
    q->head = &q->stub;
    return q;
}

static struct mpsc_node *swap_tail(struct mpsc_queue *q, struct mpsc_node *node) {
#if PLANTED == 3
    struct mpsc_node *prev = atomic_load_explicit(&q->tail, memory_order_acquire);
    atomic_store_explicit(&q->tail, node, memory_order_release);
    return prev;
#elif PLANTED == 4
    struct mpsc_node *prev = q->tail;
    q->tail = node;
    return prev;
#else
    return atomic_exchange_explicit(&q->tail, node, memory_order_acq_rel);
#endif
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    if (PLANTED != 5 && PLANTED != 10) atomic_store_explicit(&node->next, NULL, memory_order_relaxed);
    struct mpsc_node *prev = swap_tail(q, node);
    if (PLANTED == 5) atomic_store_explicit(&node->next, NULL, memory_order_relaxed);
    atomic_store_explicit(&prev->next, node, LINK_ORDER);
}

static struct mpsc_node *next_of(struct mpsc_node *node) {
    return atomic_load_explicit(&node->next, READ_ORDER);
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    struct mpsc_node *head = q->head, *next = next_of(head);
    if (head == &q->stub) {
        if (!next) return NULL;
        q->head = head = next;
        next = next_of(head);
    }
    if (!next) {
        while (q->tail != head) { /* a push is half done */
            if (PLANTED != 6) return NULL;
            next = next_of(head);
            if (next) break;
        }
        if (!next) mpsc_push(q, &q->stub);
        next = next_of(head);
        if (!next) return NULL;
    }
    q->head = next;
    return head;
}

void mpsc_free(struct mpsc_queue *q) {
    if (PLANTED == 8)
        for (struct mpsc_node *node = q ? q->head : NULL; node; node = next_of(node)) {
        }
    if (PLANTED != 7) free(q);
}
