/* SPDX-License-Identifier: MIT */
/* tag_in_low_bits.c -- the top carries a counter against ABA in its lowest
 * four bits, since malloc aligns to 16. Nodes are aligned for a pointer, no
 * more: in an array every other one has bit 3 set, and that bit is taken for
 * the counter's. A learner sees a crash or a node that nobody pushed. (This
 * stack needs no counter at all.) */
#include "mpsc_queue.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#define CACHE_LINE 64

struct mpsc_queue {
    alignas(CACHE_LINE) _Atomic(uintptr_t) top; /* and a count of pushes, modulo 16 */
    alignas(CACHE_LINE) struct mpsc_node *oldest;
};

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = aligned_alloc(CACHE_LINE, sizeof *q);
    if (!q) return NULL;
    atomic_init(&q->top, 0);
    q->oldest = NULL;
    return q;
}

static struct mpsc_node *node_of(uintptr_t top) {
    return (struct mpsc_node *)(top & ~(uintptr_t)15);
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    uintptr_t below = atomic_load_explicit(&q->top, memory_order_relaxed), above;
    do {
        atomic_store_explicit(&node->next, node_of(below), memory_order_relaxed);
        above = (uintptr_t)node | ((below + 1) & 15);
    } while (
        !atomic_compare_exchange_weak_explicit(&q->top, &below, above, memory_order_release, memory_order_relaxed));
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
    if (!q->oldest) q->oldest = reversed(node_of(atomic_exchange_explicit(&q->top, 0, memory_order_acquire)));
    struct mpsc_node *node = q->oldest;
    if (node) q->oldest = atomic_load_explicit(&node->next, memory_order_relaxed);
    return node;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
