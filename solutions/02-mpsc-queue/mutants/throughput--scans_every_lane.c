/* SPDX-License-Identifier: MIT */
/* scans_every_lane.c -- 256 lanes, so that producers surely never meet, and a
 * consumer that begins at the first one every time. All is right and the cost
 * does not grow with the queue; it is only high: most of the time goes into
 * looking at empty lanes. A learner sees the queue fall behind a mutex. */
#include "mpsc_queue.h"

#include <stdalign.h>
#include <stdlib.h>

#define CACHE_LINE 64

#define LANES 256

struct lane {
    alignas(CACHE_LINE) _Atomic(struct mpsc_node *) tail;
    alignas(CACHE_LINE) struct mpsc_node *head;
    struct mpsc_node dummy;
};

struct mpsc_queue {
    struct lane lanes[LANES];
};

static atomic_uint threads_seen;
static _Thread_local unsigned lane_number; /* counted from 1; 0: none yet */

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = aligned_alloc(CACHE_LINE, sizeof *q);
    if (!q) return NULL;
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

/* A multiplicative hash spreads the threads over the lanes. */
void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    if (lane_number == 0)
        lane_number = 1 + (atomic_fetch_add_explicit(&threads_seen, 1, memory_order_relaxed) + 1) * 157 % LANES;
    lane_push(&q->lanes[lane_number - 1], node);
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    for (struct lane *l = q->lanes; l < q->lanes + LANES; l++) {
        struct mpsc_node *node = lane_pop(l);
        if (node) return node;
    }
    return NULL;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
