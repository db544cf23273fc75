/* SPDX-License-Identifier: MIT */
/* table_of_64.c -- a stack per thread, in a table of 64 threads. Threads that
 * have ended keep their place, and the 65th writes behind the table. A learner
 * sees AddressSanitizer's report. */
#include "mpsc_queue.h"
#include <stdlib.h>
#define THREADS 64
struct mpsc_queue {
    atomic_uint used; /* stacks in use: those of threads 0 to used - 1 */
    struct mpsc_node *oldest;
    _Atomic(struct mpsc_node *) top[THREADS];
};
static atomic_uint threads_seen;
static _Thread_local unsigned number; /* counted from 1; 0: none yet */

struct mpsc_queue *mpsc_new(void) {
    return calloc(1, sizeof(struct mpsc_queue));
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    if (number == 0) number = 1 + atomic_fetch_add_explicit(&threads_seen, 1, memory_order_relaxed);
    unsigned used = atomic_load_explicit(&q->used, memory_order_relaxed);
    while (used < number && !atomic_compare_exchange_weak(&q->used, &used, number)) continue;
    _Atomic(struct mpsc_node *) *top = &q->top[number - 1];
    struct mpsc_node *below = atomic_load_explicit(top, memory_order_relaxed);
    do atomic_store_explicit(&node->next, below, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(top, &below, node, memory_order_release, memory_order_relaxed));
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    unsigned used = q->oldest ? 0 : atomic_load(&q->used);
    for (unsigned i = 0; i < used && !q->oldest; i++) {
        if (!atomic_load_explicit(&q->top[i], memory_order_relaxed)) continue;
        struct mpsc_node *node = atomic_exchange_explicit(&q->top[i], NULL, memory_order_acquire), *below;
        for (; node; node = below) {
            below = atomic_load_explicit(&node->next, memory_order_relaxed);
            atomic_store_explicit(&node->next, q->oldest, memory_order_relaxed);
            q->oldest = node;
        }
    }
    struct mpsc_node *node = q->oldest;
    if (node) q->oldest = atomic_load_explicit(&node->next, memory_order_relaxed);
    return node;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
