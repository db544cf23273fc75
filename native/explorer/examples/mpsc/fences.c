/* SPDX-License-Identifier: MIT
 *
 * fences.c -- the reversed stack with fences instead of ordered accesses.
 *
 * planted 1 (race): no release fence
 * planted 2 (race): no acquire fence
 * planted 3 (race): the release fence comes after the publication */
#include "mpsc_queue.h"

#include <stdlib.h>

#ifndef PLANTED
#define PLANTED 0
#endif

struct mpsc_queue {
    _Atomic(struct mpsc_node *) top;
    struct mpsc_node *ready;
};

struct mpsc_queue *mpsc_new(void) {
    return calloc(1, sizeof(struct mpsc_queue));
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    struct mpsc_node *top = atomic_load_explicit(&q->top, memory_order_relaxed);
    do {
        atomic_store_explicit(&node->next, top, memory_order_relaxed);
        if (PLANTED != 1 && PLANTED != 3) atomic_thread_fence(memory_order_release);
    } while (!atomic_compare_exchange_weak_explicit(&q->top, &top, node, memory_order_relaxed, memory_order_relaxed));
    if (PLANTED == 3) atomic_thread_fence(memory_order_release);
}

static struct mpsc_node *take_all_oldest_first(struct mpsc_queue *q) {
    struct mpsc_node *from = atomic_exchange_explicit(&q->top, NULL, memory_order_relaxed);
    struct mpsc_node *to = NULL;
    if (PLANTED != 2) atomic_thread_fence(memory_order_acquire);
    while (from) {
        struct mpsc_node *next = atomic_load_explicit(&from->next, memory_order_relaxed);
        atomic_store_explicit(&from->next, to, memory_order_relaxed);
        to = from;
        from = next;
    }
    return to;
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    if (!q->ready) q->ready = take_all_oldest_first(q);
    struct mpsc_node *node = q->ready;
    if (node) q->ready = atomic_load_explicit(&node->next, memory_order_relaxed);
    return node;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
