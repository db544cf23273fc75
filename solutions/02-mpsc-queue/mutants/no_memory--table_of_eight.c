/* SPDX-License-Identifier: MIT */
/* table_of_eight.c -- eight queues in a static table; the ninth is NULL though
 * there is memory. A learner sees just that. */
#include "mpsc_queue.h"
#include <stdlib.h>
struct mpsc_queue {
    _Atomic(struct mpsc_node *) top;
    struct mpsc_node *oldest;
    atomic_flag taken;
};
static struct mpsc_queue table[8];
struct mpsc_queue *mpsc_new(void) {
    for (struct mpsc_queue *q = table; q < table + 8; q++)
        if (!atomic_flag_test_and_set(&q->taken)) {
            atomic_store(&q->top, NULL);
            q->oldest = NULL;
            return q;
        }
    return NULL;
}
void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    struct mpsc_node *below = atomic_load(&q->top);
    do atomic_store(&node->next, below);
    while (!atomic_compare_exchange_weak(&q->top, &below, node));
}
struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    if (!q->oldest)
        for (struct mpsc_node *n = atomic_exchange(&q->top, NULL), *below; n; n = below) {
            below = atomic_load(&n->next);
            atomic_store(&n->next, q->oldest);
            q->oldest = n;
        }
    struct mpsc_node *node = q->oldest;
    if (node) q->oldest = atomic_load(&node->next);
    return node;
}
void mpsc_free(struct mpsc_queue *q) {
    if (q) atomic_flag_clear(&q->taken);
}
