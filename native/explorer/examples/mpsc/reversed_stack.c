/* SPDX-License-Identifier: MIT
 *
 * reversed_stack.c -- producers push on a stack; the consumer takes it whole and reverses it.
 *
 * planted 1 (race): published by a relaxed compare-exchange
 * planted 2 (race): taken by a relaxed exchange
 * planted 3 (property|race|crash): loaded, then stored, instead of a compare-exchange
 * planted 4 (property|race|livelock|crash): next is set once, outside the loop
 * planted 5 (property): taken by load, then clear
 * planted 6 (property): not reversed
 * planted 7 (blocked_by_parked_thread): a spin lock around push
 * planted 8 (blocked_by_parked_thread): a mutex around push
 * planted 9 (race): the stack's head is not atomic */
#include "mpsc_queue.h"

#include <pthread.h>
#include <stdlib.h>

#ifndef PLANTED
#define PLANTED 0
#endif

#define PUSH_ORDER (PLANTED == 1 ? memory_order_relaxed : memory_order_release)
#define TAKE_ORDER (PLANTED == 2 ? memory_order_relaxed : memory_order_acquire)

struct mpsc_queue {
#if PLANTED == 9
    struct mpsc_node *top;
#else
    _Atomic(struct mpsc_node *) top;
#endif
    struct mpsc_node *ready; /* the consumer's, oldest first */
    atomic_flag busy;
    pthread_mutex_t lock;
};

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = calloc(1, sizeof *q);
    if (q) pthread_mutex_init(&q->lock, NULL);
    return q;
}

static void set_next(struct mpsc_node *node, struct mpsc_node *next) {
    atomic_store_explicit(&node->next, next, memory_order_relaxed);
}

static struct mpsc_node *next_of(struct mpsc_node *node) {
    return atomic_load_explicit(&node->next, memory_order_relaxed);
}

static void push_on_top(struct mpsc_queue *q, struct mpsc_node *node) {
#if PLANTED == 9
    set_next(node, q->top);
    q->top = node;
#else
    struct mpsc_node *top = atomic_load_explicit(&q->top, memory_order_relaxed);
    set_next(node, top);
#if PLANTED == 3
    atomic_store_explicit(&q->top, node, memory_order_release);
#else
    while (!atomic_compare_exchange_weak_explicit(&q->top, &top, node, PUSH_ORDER, memory_order_relaxed))
        if (PLANTED != 4) set_next(node, top);
#endif
#endif
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    if (PLANTED == 7)
        while (atomic_flag_test_and_set_explicit(&q->busy, memory_order_acquire)) {
        }
    if (PLANTED == 8) pthread_mutex_lock(&q->lock);
    push_on_top(q, node);
    if (PLANTED == 8) pthread_mutex_unlock(&q->lock);
    if (PLANTED == 7) atomic_flag_clear_explicit(&q->busy, memory_order_release);
}

static struct mpsc_node *take_all(struct mpsc_queue *q) {
#if PLANTED == 5
    struct mpsc_node *all = atomic_load_explicit(&q->top, memory_order_acquire);
    if (all) atomic_store_explicit(&q->top, NULL, memory_order_relaxed);
    return all;
#elif PLANTED == 9
    struct mpsc_node *all = q->top;
    q->top = NULL;
    return all;
#else
    return atomic_exchange_explicit(&q->top, NULL, TAKE_ORDER);
#endif
}

static struct mpsc_node *reversed(struct mpsc_node *newest_first) {
    struct mpsc_node *oldest_first = NULL;
    while (newest_first) {
        struct mpsc_node *next = next_of(newest_first);
        set_next(newest_first, oldest_first);
        oldest_first = newest_first;
        newest_first = next;
    }
    return oldest_first;
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    if (!q->ready) q->ready = PLANTED == 6 ? take_all(q) : reversed(take_all(q));
    struct mpsc_node *node = q->ready;
    if (node) q->ready = next_of(node);
    return node;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
