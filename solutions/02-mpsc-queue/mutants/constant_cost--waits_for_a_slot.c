/* SPDX-License-Identifier: MIT */
/* waits_for_a_slot.c -- a ring of 65,536 slots with a number each (Dmitry Vyukov's
 * bounded queue). A push into a full ring waits until the consumer has taken a
 * node. A learner sees one push that never ends, and how many nodes are inside. */
#include "mpsc_queue.h"

#include <stdalign.h>
#include <stdlib.h>

#define SLOTS 65536

struct slot {
    atomic_size_t seq; /* the push that may fill it, or that + 1 if it has */
    struct mpsc_node *node;
};

struct mpsc_queue {
    alignas(64) atomic_size_t tail;
    alignas(64) size_t head;
    struct slot slots[SLOTS];
};

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = aligned_alloc(64, sizeof *q);
    if (!q) return NULL;
    atomic_init(&q->tail, 0);
    q->head = 0;
    for (size_t i = 0; i < SLOTS; i++) atomic_init(&q->slots[i].seq, i);
    return q;
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    size_t at = atomic_fetch_add_explicit(&q->tail, 1, memory_order_relaxed);
    struct slot *s = &q->slots[at % SLOTS];
    while (atomic_load_explicit(&s->seq, memory_order_acquire) != at) continue;
    s->node = node;
    atomic_store_explicit(&s->seq, at + 1, memory_order_release);
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    struct slot *s = &q->slots[q->head % SLOTS];
    if (atomic_load_explicit(&s->seq, memory_order_acquire) != q->head + 1) return NULL;
    struct mpsc_node *node = s->node;
    atomic_store_explicit(&s->seq, q->head + SLOTS, memory_order_release);
    q->head++;
    return node;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
