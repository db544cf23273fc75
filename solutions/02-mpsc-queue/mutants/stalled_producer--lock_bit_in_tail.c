/* SPDX-License-Identifier: MIT */
/* lock_bit_in_tail.c -- a producer marks the tail with its lowest bit, links,
 * and takes the mark away with the new tail. The mark is a lock, atomic
 * operations or not: the producer that is paused between the two stops all
 * others. A learner sees the other producer's push spin without end. */
#include "mpsc_queue.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#define CACHE_LINE 64

struct mpsc_queue {
    alignas(CACHE_LINE) _Atomic(uintptr_t) tail; /* lowest bit: somebody is linking */
    alignas(CACHE_LINE) struct mpsc_node *head;
    struct mpsc_node dummy;
};

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = aligned_alloc(CACHE_LINE, sizeof *q);
    if (!q) return NULL;
    atomic_init(&q->dummy.next, NULL);
    atomic_init(&q->tail, (uintptr_t)&q->dummy);
    q->head = &q->dummy;
    return q;
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    atomic_store_explicit(&node->next, NULL, memory_order_relaxed);
    uintptr_t tail = atomic_load_explicit(&q->tail, memory_order_relaxed);
    do {
        tail &= ~(uintptr_t)1;
    } while (
        !atomic_compare_exchange_weak_explicit(&q->tail, &tail, tail | 1, memory_order_acquire, memory_order_relaxed));
    atomic_store_explicit(&((struct mpsc_node *)tail)->next, node, memory_order_release);
    atomic_store_explicit(&q->tail, (uintptr_t)node, memory_order_release);
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
        if (atomic_load_explicit(&q->tail, memory_order_relaxed) != (uintptr_t)head) return NULL;
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
