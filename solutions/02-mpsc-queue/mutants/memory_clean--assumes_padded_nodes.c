/* SPDX-License-Identifier: MIT */
/* assumes_padded_nodes.c -- push and pop look at the caller's nodes as if they
 * were padded to a cache line and aligned to it. They are aligned for a
 * pointer, no more. On most processors nothing happens until the compiler uses
 * an aligned instruction; a learner sees the sanitizer name a misaligned
 * access in mpsc_push. */
#include "mpsc_queue.h"

#include <stdalign.h>
#include <stdlib.h>

#define CACHE_LINE 64

/* A node with a cache line to itself. */
struct padded {
    alignas(CACHE_LINE) struct mpsc_node node;
};

static void set_next(struct mpsc_node *node, struct mpsc_node *next, memory_order order) {
    atomic_store_explicit(&((struct padded *)node)->node.next, next, order);
}

struct mpsc_queue {
    alignas(CACHE_LINE) _Atomic(struct mpsc_node *) tail;
    alignas(CACHE_LINE) struct mpsc_node *head;
    struct padded dummy;
};

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = aligned_alloc(CACHE_LINE, sizeof *q);
    if (!q) return NULL;
    atomic_init(&q->dummy.node.next, NULL);
    atomic_init(&q->tail, &q->dummy.node);
    q->head = &q->dummy.node;
    return q;
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    set_next(node, NULL, memory_order_relaxed);
    struct mpsc_node *prev = atomic_exchange_explicit(&q->tail, node, memory_order_acq_rel);
    set_next(prev, node, memory_order_release);
}

static struct mpsc_node *successor(struct mpsc_node *node) {
    return atomic_load_explicit(&node->next, memory_order_acquire);
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    struct mpsc_node *head = q->head, *next = successor(head);
    if (head == &q->dummy.node) {
        if (!next) return NULL;
        q->head = head = next;
        next = successor(head);
    }
    if (!next) {
        if (atomic_load_explicit(&q->tail, memory_order_relaxed) != head) return NULL;
        mpsc_push(q, &q->dummy.node);
        next = successor(head);
        if (!next) return NULL;
    }
    q->head = next;
    return head;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
