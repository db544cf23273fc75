/* SPDX-License-Identifier: MIT */
/* spin_lock.c -- a spin lock built from an atomic flag is still a lock: a
 * producer that is paused while it holds it stops everybody. A learner sees
 * the other producer's push spin without end. */
#include "mpsc_queue.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>

#define CACHE_LINE 64

struct mpsc_queue {
    alignas(CACHE_LINE) atomic_bool locked;
    struct mpsc_node *oldest, *newest;
};

static void lock(struct mpsc_queue *q) {
    while (atomic_exchange_explicit(&q->locked, true, memory_order_acquire)) continue;
}

static void unlock(struct mpsc_queue *q) {
    atomic_store_explicit(&q->locked, false, memory_order_release);
}

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = aligned_alloc(CACHE_LINE, sizeof *q);
    if (!q) return NULL;
    atomic_init(&q->locked, false);
    q->oldest = q->newest = NULL;
    return q;
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    atomic_store_explicit(&node->next, NULL, memory_order_relaxed);
    lock(q);
    if (q->newest)
        atomic_store_explicit(&q->newest->next, node, memory_order_relaxed);
    else
        q->oldest = node;
    q->newest = node;
    unlock(q);
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    lock(q);
    struct mpsc_node *node = q->oldest;
    if (node) q->oldest = atomic_load_explicit(&node->next, memory_order_relaxed);
    if (!q->oldest) q->newest = NULL;
    unlock(q);
    return node;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
