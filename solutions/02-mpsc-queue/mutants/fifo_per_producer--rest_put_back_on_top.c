/* SPDX-License-Identifier: MIT */
/* rest_put_back_on_top.c -- the consumer takes the whole stack, keeps the
 * oldest node and puts the rest back. If something was pushed meanwhile, the
 * rest goes on top of it, older nodes above newer ones, and the newer come out
 * first. On one thread nothing is ever pushed in between. */
#include "mpsc_queue.h"

#include <stdalign.h>
#include <stdlib.h>

#define CACHE_LINE 64

struct mpsc_queue {
    alignas(CACHE_LINE) _Atomic(struct mpsc_node *) top;
};

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = aligned_alloc(CACHE_LINE, sizeof *q);
    if (!q) return NULL;
    atomic_init(&q->top, NULL);
    return q;
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    struct mpsc_node *below = atomic_load_explicit(&q->top, memory_order_relaxed);
    do {
        atomic_store_explicit(&node->next, below, memory_order_relaxed);
    } while (!atomic_compare_exchange_weak_explicit(&q->top, &below, node, memory_order_release, memory_order_relaxed));
}

/* Puts a chain, `chain` to `last`, on top of what is there. */
static void put_back(struct mpsc_queue *q, struct mpsc_node *chain, struct mpsc_node *last) {
    struct mpsc_node *below = atomic_load_explicit(&q->top, memory_order_relaxed);
    do {
        atomic_store_explicit(&last->next, below, memory_order_relaxed);
    } while (
        !atomic_compare_exchange_weak_explicit(&q->top, &below, chain, memory_order_release, memory_order_relaxed));
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    struct mpsc_node *chain = atomic_exchange_explicit(&q->top, NULL, memory_order_acquire);
    struct mpsc_node *node = chain, *above = NULL;
    for (struct mpsc_node *next; node && (next = atomic_load_explicit(&node->next, memory_order_relaxed)); node = next)
        above = node;
    if (above) put_back(q, chain, above);
    return node;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
