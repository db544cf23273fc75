/* SPDX-License-Identifier: MIT */
/* waits_for_quiet.c -- pop waits until as many pushes have ended as have
 * begun, to take the stack at a quiet moment. There may never be one. A
 * learner sees pop spin without end while one push is half done. */
#include "mpsc_queue.h"

#include <stdalign.h>
#include <stdlib.h>

#define CACHE_LINE 64

struct mpsc_queue {
    alignas(CACHE_LINE) _Atomic(struct mpsc_node *) top;
    atomic_size_t begun, ended;
    alignas(CACHE_LINE) struct mpsc_node *oldest;
};

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = aligned_alloc(CACHE_LINE, sizeof *q);
    if (!q) return NULL;
    atomic_init(&q->top, NULL);
    atomic_init(&q->begun, 0);
    atomic_init(&q->ended, 0);
    q->oldest = NULL;
    return q;
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    atomic_fetch_add_explicit(&q->begun, 1, memory_order_acquire);
    struct mpsc_node *below = atomic_load_explicit(&q->top, memory_order_relaxed);
    do {
        atomic_store_explicit(&node->next, below, memory_order_relaxed);
    } while (!atomic_compare_exchange_weak_explicit(&q->top, &below, node, memory_order_release, memory_order_relaxed));
    atomic_fetch_add_explicit(&q->ended, 1, memory_order_release);
}

static struct mpsc_node *reversed(struct mpsc_node *chain) {
    struct mpsc_node *done = NULL;
    while (chain) {
        struct mpsc_node *next = atomic_load_explicit(&chain->next, memory_order_relaxed);
        atomic_store_explicit(&chain->next, done, memory_order_relaxed);
        done = chain;
        chain = next;
    }
    return done;
}

static void await_quiet(struct mpsc_queue *q) {
    size_t ended;
    do {
        ended = atomic_load_explicit(&q->ended, memory_order_acquire);
    } while (atomic_load_explicit(&q->begun, memory_order_acquire) != ended);
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    if (!q->oldest) {
        await_quiet(q);
        q->oldest = reversed(atomic_exchange_explicit(&q->top, NULL, memory_order_acquire));
    }
    struct mpsc_node *node = q->oldest;
    if (node) q->oldest = atomic_load_explicit(&node->next, memory_order_relaxed);
    return node;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
