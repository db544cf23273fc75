/* SPDX-License-Identifier: MIT
 *
 * cas_tail.c -- compare-exchange on the tail, with a dummy node.
 *
 * planted 1 (property|crash|blocked_by_parked_thread|livelock|race): Michael and Scott's append, a
 * compare-exchange on the last node's next without tags: the node may have been popped and pushed
 * again meanwhile (ABA) */
#include "mpsc_queue.h"

#include <stdlib.h>

#ifndef PLANTED
#define PLANTED 0
#endif

struct mpsc_queue {
    _Atomic(struct mpsc_node *) tail;
    struct mpsc_node *head;
    struct mpsc_node dummy;
};

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = malloc(sizeof *q);
    if (!q) return NULL;
    atomic_init(&q->dummy.next, NULL);
    atomic_init(&q->tail, &q->dummy);
    q->head = &q->dummy;
    return q;
}

#if PLANTED == 1
void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    atomic_store_explicit(&node->next, NULL, memory_order_relaxed);
    for (;;) {
        struct mpsc_node *last = atomic_load_explicit(&q->tail, memory_order_acquire);
        struct mpsc_node *none = NULL;
        if (atomic_compare_exchange_strong_explicit(&last->next, &none, node, memory_order_release,
                                                    memory_order_acquire)) {
            atomic_compare_exchange_strong_explicit(&q->tail, &last, node, memory_order_release, memory_order_relaxed);
            return;
        }
        atomic_compare_exchange_strong_explicit(&q->tail, &last, none, memory_order_release, memory_order_relaxed);
    }
}
#else
void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    atomic_store_explicit(&node->next, NULL, memory_order_relaxed);
    struct mpsc_node *prev = atomic_load_explicit(&q->tail, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&q->tail, &prev, node, memory_order_acq_rel, memory_order_relaxed)) {
    }
    atomic_store_explicit(&prev->next, node, memory_order_release);
}
#endif

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    struct mpsc_node *head = q->head;
    struct mpsc_node *next = atomic_load_explicit(&head->next, memory_order_acquire);
    if (head == &q->dummy) {
        if (!next) return NULL;
        q->head = head = next;
        next = atomic_load_explicit(&head->next, memory_order_acquire);
    }
    if (!next) {
        if (atomic_load_explicit(&q->tail, memory_order_acquire) != head) return NULL;
        mpsc_push(q, &q->dummy);
        next = atomic_load_explicit(&head->next, memory_order_acquire);
        if (!next) return NULL;
    }
    q->head = next;
    return head;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
