/* SPDX-License-Identifier: MIT */
/* wide_atomic.c -- the top carries a tag against ABA, and a length: 24 bytes.
 * The compiler turns that into calls of libatomic, which take a
 * lock. A learner sees __atomic_compare_exchange named; this queue needs no
 * tag, or one that fits beside the pointer. */
#include "mpsc_queue.h"

#include <stdalign.h>
#include <stdlib.h>

#define CACHE_LINE 64

struct tagged {
    struct mpsc_node *node;
    size_t tag, length;
};

struct mpsc_queue {
    alignas(CACHE_LINE) _Atomic(struct tagged) top;
    alignas(CACHE_LINE) struct mpsc_node *oldest;
};

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = aligned_alloc(CACHE_LINE, sizeof *q);
    if (!q) return NULL;
    atomic_init(&q->top, (struct tagged){0});
    q->oldest = NULL;
    return q;
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    struct tagged below = atomic_load(&q->top), above;
    do {
        atomic_store_explicit(&node->next, below.node, memory_order_relaxed);
        above = (struct tagged){node, below.tag + 1, below.length + 1};
    } while (!atomic_compare_exchange_weak(&q->top, &below, above));
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

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    struct tagged top = atomic_load(&q->top);
    if (!q->oldest && top.node) {
        while (!atomic_compare_exchange_weak(&q->top, &top, ((struct tagged){NULL, top.tag + 1, 0}))) continue;
        q->oldest = reversed(top.node);
    }
    struct mpsc_node *node = q->oldest;
    if (node) q->oldest = atomic_load_explicit(&node->next, memory_order_relaxed);
    return node;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
