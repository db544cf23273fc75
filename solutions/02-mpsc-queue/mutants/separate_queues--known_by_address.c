/* SPDX-License-Identifier: MIT */
/* known_by_address.c -- lanes, of which a queue counts those in use. A thread
 * remembers the queues that it has announced itself to, by address: a new queue
 * where one was before is taken for known, and its consumer never looks into
 * the thread's lane. A learner sees nodes missing from a later queue. */
#include "mpsc_queue.h"

#include <stdalign.h>
#include <stdlib.h>

#define CACHE_LINE 64
#define LANES 8
#define IN_A_ROW 64 /* nodes from one lane before the next has its turn */

struct lane {
    alignas(CACHE_LINE) _Atomic(struct mpsc_node *) tail;
    alignas(CACHE_LINE) struct mpsc_node *head;
    struct mpsc_node dummy;
};

struct mpsc_queue {
    struct lane lanes[LANES];
    _Atomic unsigned used;   /* lanes in use */
    unsigned current, taken; /* the consumer's: where it is, and how many came from there */
};

static atomic_uint threads_seen;
static _Thread_local struct mpsc_queue *known[16]; /* queues that know this thread */
static _Thread_local unsigned known_count;
static _Thread_local unsigned lane_number; /* counted from 1; 0: none yet */

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = aligned_alloc(CACHE_LINE, sizeof *q);
    if (!q) return NULL;
    for (struct lane *l = q->lanes; l < q->lanes + LANES; l++) {
        atomic_init(&l->dummy.next, NULL);
        atomic_init(&l->tail, &l->dummy);
        l->head = &l->dummy;
    }
    q->current = q->taken = 0;
    atomic_init(&q->used, 1);
    return q;
}

/* Acquire and release as in the reference. */
static void lane_push(struct lane *l, struct mpsc_node *node) {
    atomic_store_explicit(&node->next, NULL, memory_order_relaxed);
    struct mpsc_node *prev = atomic_exchange_explicit(&l->tail, node, memory_order_acq_rel);
    atomic_store_explicit(&prev->next, node, memory_order_release);
}

static struct mpsc_node *lane_pop(struct lane *l) {
    struct mpsc_node *head = l->head, *next = atomic_load_explicit(&head->next, memory_order_acquire);
    if (head == &l->dummy) {
        if (!next) return NULL;
        l->head = head = next;
        next = atomic_load_explicit(&head->next, memory_order_acquire);
    }
    if (!next) {
        if (atomic_load_explicit(&l->tail, memory_order_relaxed) != head) return NULL;
        lane_push(l, &l->dummy);
        next = atomic_load_explicit(&head->next, memory_order_acquire);
        if (!next) return NULL;
    }
    l->head = next;
    return head;
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    /* Relaxed: the number must differ, nothing hangs on when it was drawn. */
    if (lane_number == 0) lane_number = 1 + atomic_fetch_add_explicit(&threads_seen, 1, memory_order_relaxed) % LANES;
    unsigned i = 0;
    while (i < known_count && known[i] != q) i++;
    if (i == known_count) {
        unsigned used = atomic_load_explicit(&q->used, memory_order_relaxed);
        while (used < lane_number && !atomic_compare_exchange_weak_explicit(&q->used, &used, lane_number,
                                                                            memory_order_relaxed, memory_order_relaxed))
            continue;
        if (known_count < 16) known[known_count++] = q;
    }
    lane_push(&q->lanes[lane_number - 1], node);
}

/* NULL only after a look at every lane; one more than there are, since the
 * first may be one that has had its turn and not been looked at. */
struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    for (unsigned looked = 0; looked <= LANES; looked++) {
        if (q->current >= atomic_load_explicit(&q->used, memory_order_relaxed)) q->current = 0;
        struct mpsc_node *node = q->taken < IN_A_ROW ? lane_pop(&q->lanes[q->current]) : NULL;
        if (node) {
            q->taken++;
            return node;
        }
        q->current = (q->current + 1) % LANES;
        q->taken = 0;
    }
    return NULL;
}

void mpsc_free(struct mpsc_queue *q) {
    free(q);
}
