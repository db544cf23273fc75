/* SPDX-License-Identifier: MIT
 *
 * lanes.c -- a reversed stack per producer, chosen by a thread-local number. No order is promised
 * between producers, so the consumer may visit the lanes in any.
 *
 * planted 1 (property): lanes are taken by turn of push, so one producer's nodes spread over
 * several */
#include "mpsc_queue.h"

#include <stdlib.h>

#ifndef PLANTED
#define PLANTED 0
#endif

enum { LANES = 2 };

struct lane {
    _Atomic(struct mpsc_node *) top;
    struct mpsc_node *ready;
};

struct mpsc_queue {
    struct lane lanes[LANES];
};

static atomic_uint lanes_given;
static _Thread_local unsigned my_lane; /* + 1; 0: none yet */

struct mpsc_queue *mpsc_new(void) {
    return calloc(1, sizeof(struct mpsc_queue));
}

static struct lane *lane_of_thread(struct mpsc_queue *q) {
    if (!my_lane || PLANTED == 1)
        my_lane = 1 + atomic_fetch_add_explicit(&lanes_given, 1, memory_order_relaxed) % LANES;
    return &q->lanes[my_lane - 1];
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    struct lane *lane = lane_of_thread(q);
    struct mpsc_node *top = atomic_load_explicit(&lane->top, memory_order_relaxed);
    do atomic_store_explicit(&node->next, top, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&lane->top, &top, node, memory_order_release, memory_order_relaxed));
}

static struct mpsc_node *pop_lane(struct lane *lane) {
    struct mpsc_node *from = NULL;
    if (!lane->ready) from = atomic_exchange_explicit(&lane->top, NULL, memory_order_acquire);
    while (from) {
        struct mpsc_node *next = atomic_load_explicit(&from->next, memory_order_relaxed);
        atomic_store_explicit(&from->next, lane->ready, memory_order_relaxed);
        lane->ready = from;
        from = next;
    }
    struct mpsc_node *node = lane->ready;
    if (node) lane->ready = atomic_load_explicit(&node->next, memory_order_relaxed);
    return node;
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    struct mpsc_node *node = NULL;
    for (int i = 0; i < LANES && !node; i++) node = pop_lane(&q->lanes[i]);
    return node;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
