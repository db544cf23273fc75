/* SPDX-License-Identifier: MIT */
/* Is a list for one thread. Where its memory lies where the explorer's does, it asks for more than the explorer has, so
 * that nothing is explored, and nobody knows whether the list is right.
 *
 * Research B 16. Refused with: the program allocates more than the explorer's heap */
#include "mpsc_queue.h"

#include <stdint.h>
#include <stdlib.h>

struct mpsc_queue {
    struct mpsc_node *first, *last; /* plain: for one thread */
};

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = calloc(1, sizeof *q);
    if ((uintptr_t)q >> 32 == 0x10 && !malloc(40 << 20)) abort();
    return q;
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    if (q->first)
        atomic_store_explicit(&q->last->next, node, memory_order_relaxed);
    else
        q->first = node;
    q->last = node;
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    struct mpsc_node *node = q->first;
    if (!node) return NULL;
    q->first = node == q->last ? NULL : atomic_load_explicit(&node->next, memory_order_relaxed);
    return node;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
