/* SPDX-License-Identifier: MIT */
/* lane_for_a_newcomer.c -- a lane per thread and queue, allocated when a thread
 * first pushes; mpsc_new makes its caller's, so that one thread alone never
 * sees an allocation. Without memory the node is lost. A learner sees one
 * request in mpsc_push, from a thread that never pushed before. */
#include "mpsc_queue.h"
#include <stdlib.h>
struct lane {
    struct lane *below;
    void *owner;
    _Atomic(struct mpsc_node *) top;
};
struct mpsc_queue {
    _Atomic(struct lane *) lanes;
    struct mpsc_node *oldest;
};
static _Thread_local char me;
static struct lane *add_lane(struct mpsc_queue *q) {
    struct lane *l = malloc(sizeof *l);
    if (!l) return NULL;
    l->owner = &me;
    atomic_init(&l->top, NULL);
    l->below = atomic_load_explicit(&q->lanes, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&q->lanes, &l->below, l, memory_order_release, memory_order_relaxed))
        continue;
    return l;
}
struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = malloc(sizeof *q);
    if (!q) return NULL;
    atomic_init(&q->lanes, NULL);
    q->oldest = NULL;
    if (add_lane(q)) return q;
    free(q);
    return NULL;
}
void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    struct lane *l = atomic_load_explicit(&q->lanes, memory_order_acquire);
    while (l && l->owner != &me) l = l->below;
    if (!l && !(l = add_lane(q))) return; /* no memory: the node is lost */
    struct mpsc_node *below = atomic_load_explicit(&l->top, memory_order_relaxed);
    do atomic_store_explicit(&node->next, below, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&l->top, &below, node, memory_order_release, memory_order_relaxed));
}
struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    if (!q->oldest) {
        struct lane *l = atomic_load_explicit(&q->lanes, memory_order_acquire);
        for (; l && !q->oldest; l = l->below) {
            struct mpsc_node *chain = atomic_exchange_explicit(&l->top, NULL, memory_order_acquire);
            while (chain) {
                struct mpsc_node *next = atomic_load_explicit(&chain->next, memory_order_relaxed);
                atomic_store_explicit(&chain->next, q->oldest, memory_order_relaxed);
                q->oldest = chain;
                chain = next;
            }
        }
    }
    struct mpsc_node *node = q->oldest;
    if (node) q->oldest = atomic_load_explicit(&node->next, memory_order_relaxed);
    return node;
}
void mpsc_free(struct mpsc_queue *q) {
    if (!q) return;
    struct lane *l = atomic_load_explicit(&q->lanes, memory_order_relaxed);
    while (l) {
        struct lane *below = l->below;
        free(l);
        l = below;
    }
    free(q);
}
