/* SPDX-License-Identifier: MIT */
/* one_queue_for_all.c -- head and tail are variables of the file, so all
 * queues are one. A learner sees a node that was pushed to queue 0 come out of
 * queue 1. */
#include "mpsc_queue.h"

#include <stdlib.h>

static _Atomic(struct mpsc_node *) top;
static struct mpsc_node *oldest;

struct mpsc_queue {
    int unused;
};

struct mpsc_queue *mpsc_new(void) {
    atomic_store_explicit(&top, NULL, memory_order_relaxed);
    oldest = NULL;
    return calloc(1, sizeof(struct mpsc_queue));
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    (void)q;
    struct mpsc_node *below = atomic_load_explicit(&top, memory_order_relaxed);
    do {
        atomic_store_explicit(&node->next, below, memory_order_relaxed);
    } while (!atomic_compare_exchange_weak_explicit(&top, &below, node, memory_order_release, memory_order_relaxed));
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
    (void)q;
    if (!oldest) oldest = reversed(atomic_exchange_explicit(&top, NULL, memory_order_acquire));
    struct mpsc_node *node = oldest;
    if (node) oldest = atomic_load_explicit(&node->next, memory_order_relaxed);
    return node;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
