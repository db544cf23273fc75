/* SPDX-License-Identifier: MIT */
/* cell_per_push.c -- each push wraps the node in a cell from malloc, which
 * costs more than the whole queue and can fail, while push cannot say so. A
 * learner sees one allocation per push; the caller's node already has room for
 * the link. */
#include "mpsc_queue.h"

#include <stdalign.h>
#include <stdlib.h>

#define CACHE_LINE 64

struct cell {
    _Atomic(struct cell *) next;
    struct mpsc_node *node;
};

struct mpsc_queue {
    alignas(CACHE_LINE) _Atomic(struct cell *) tail;
    alignas(CACHE_LINE) struct cell *head; /* emptied already: its successor is the oldest */
};

static struct cell *cell_new(struct mpsc_node *node) {
    struct cell *cell = malloc(sizeof *cell);
    if (!cell) return NULL;
    atomic_init(&cell->next, NULL);
    cell->node = node;
    return cell;
}

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = aligned_alloc(CACHE_LINE, sizeof *q);
    if (!q) return NULL;
    q->head = cell_new(NULL);
    if (!q->head) {
        free(q);
        return NULL;
    }
    atomic_init(&q->tail, q->head);
    return q;
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    struct cell *cell = cell_new(node);
    if (!cell) return; /* and the node is lost */
    struct cell *prev = atomic_exchange_explicit(&q->tail, cell, memory_order_acq_rel);
    atomic_store_explicit(&prev->next, cell, memory_order_release);
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    struct cell *next = atomic_load_explicit(&q->head->next, memory_order_acquire);
    if (!next) return NULL;
    free(q->head);
    q->head = next;
    return next->node;
}

void mpsc_free(struct mpsc_queue *q) {
    if (!q) return;
    while (mpsc_pop(q)) continue;
    free(q->head);
    free(q);
}
