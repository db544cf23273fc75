/* SPDX-License-Identifier: MIT */
/* ticketed_lanes.c -- pushes are dealt out to lanes by ticket and popped in
 * the same turn, which on one thread is perfectly in order. But a producer
 * that stops between its ticket and its push is overtaken in its lane by a
 * later ticket, which then comes out before earlier nodes of its own producer
 * in the other lanes. */
#include "mpsc_queue.h"

#include <stdalign.h>
#include <stdlib.h>

#define CACHE_LINE 64

#define LANES 4

struct lane {
    alignas(CACHE_LINE) _Atomic(struct mpsc_node *) tail;
    alignas(CACHE_LINE) struct mpsc_node *head;
    struct mpsc_node dummy;
};

struct mpsc_queue {
    alignas(CACHE_LINE) atomic_size_t ticket;
    alignas(CACHE_LINE) size_t served;
    struct lane lanes[LANES];
};

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = aligned_alloc(CACHE_LINE, sizeof *q);
    if (!q) return NULL;
    atomic_init(&q->ticket, 0);
    q->served = 0;
    for (struct lane *l = q->lanes; l < q->lanes + LANES; l++) {
        atomic_init(&l->dummy.next, NULL);
        atomic_init(&l->tail, &l->dummy);
        l->head = &l->dummy;
    }
    return q;
}

static void lane_push(struct lane *l, struct mpsc_node *node) {
    atomic_store_explicit(&node->next, NULL, memory_order_relaxed);
    struct mpsc_node *prev = atomic_exchange_explicit(&l->tail, node, memory_order_acq_rel);
    atomic_store_explicit(&prev->next, node, memory_order_release);
}

static struct mpsc_node *successor(struct mpsc_node *node) {
    return atomic_load_explicit(&node->next, memory_order_acquire);
}

static struct mpsc_node *lane_pop(struct lane *l) {
    struct mpsc_node *head = l->head, *next = successor(head);
    if (head == &l->dummy) {
        if (!next) return NULL;
        l->head = head = next;
        next = successor(head);
    }
    if (!next) {
        if (atomic_load_explicit(&l->tail, memory_order_relaxed) != head) return NULL;
        lane_push(l, &l->dummy);
        next = successor(head);
        if (!next) return NULL;
    }
    l->head = next;
    return head;
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    size_t ticket = atomic_fetch_add_explicit(&q->ticket, 1, memory_order_relaxed);
    lane_push(&q->lanes[ticket % LANES], node);
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    struct mpsc_node *node = lane_pop(&q->lanes[q->served % LANES]);
    if (node) q->served++;
    return node;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
