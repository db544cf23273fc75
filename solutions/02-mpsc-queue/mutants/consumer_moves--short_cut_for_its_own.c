/* SPDX-License-Identifier: MIT */
/* short_cut_for_its_own.c -- what the consumer itself pushes goes into a list
 * without atomics, and comes out after what others pushed. It is right until
 * the role moves: then the thread's next node goes the other way. A learner
 * sees a consumer's nodes out of order, or lost. */
#include "mpsc_queue.h"

#include <stdalign.h>
#include <stdlib.h>

#define CACHE_LINE 64

static _Thread_local char me;

struct mpsc_queue {
    alignas(CACHE_LINE) _Atomic(struct mpsc_node *) top; /* newest; NULL: nothing new */
    _Atomic(char *) consumer;                            /* who popped last: its own pushes need no atomics */
    struct mpsc_node *own_first, *own_last;
    alignas(CACHE_LINE) struct mpsc_node *oldest; /* taken and in order; the consumer's own */
};

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = aligned_alloc(CACHE_LINE, sizeof *q);
    if (!q) return NULL;
    atomic_init(&q->top, NULL);
    q->oldest = q->own_first = q->own_last = NULL;
    atomic_init(&q->consumer, NULL);
    return q;
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    if (atomic_load_explicit(&q->consumer, memory_order_relaxed) == &me) {
        atomic_store_explicit(&node->next, NULL, memory_order_relaxed);
        if (q->own_first)
            atomic_store_explicit(&q->own_last->next, node, memory_order_relaxed);
        else
            q->own_first = node;
        q->own_last = node;
        return;
    }
    struct mpsc_node *below = atomic_load_explicit(&q->top, memory_order_relaxed);
    do {
        /* Relaxed: nobody sees the node before the CAS below succeeds. */
        atomic_store_explicit(&node->next, below, memory_order_relaxed);

        /* Release: whoever takes the stack sees `next` and the item. That
         * holds for the nodes further down too: a read-modify-write continues
         * the release sequence of the one before. */
    } while (!atomic_compare_exchange_weak_explicit(&q->top, &below, node, memory_order_release, memory_order_relaxed));
}

/* Turns a chain round; relaxed, since the exchange has made it the consumer's. */
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
    if (atomic_load_explicit(&q->consumer, memory_order_relaxed) != &me)
        atomic_store_explicit(&q->consumer, &me, memory_order_relaxed);
    /* Relaxed, a look before the leap: an exchange on an empty stack would
     * take the line away from the producers for nothing. */
    if (!q->oldest && atomic_load_explicit(&q->top, memory_order_relaxed)) {
        /* Acquire: pairs with every push that is on this stack. */
        q->oldest = reversed(atomic_exchange_explicit(&q->top, NULL, memory_order_acquire));
    }
    if (!q->oldest) { /* what others pushed comes first */
        q->oldest = q->own_first;
        q->own_first = NULL;
    }
    struct mpsc_node *node = q->oldest;
    if (node) q->oldest = atomic_load_explicit(&node->next, memory_order_relaxed);
    return node;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
