/* SPDX-License-Identifier: MIT */
/* baseline.c -- the simple, correct, slower way: a linked list under a mutex.
 *
 * It keeps every promise of mpsc_queue.h but progress: a thread that is paused
 * while it holds the lock stops everybody else. The throughput of your queue
 * is measured against this file, in the same run.
 *
 * `next` is atomic only because the header says so; the mutex orders all
 * accesses, so they are relaxed. */
#include "mpsc_queue.h"

#include <pthread.h>
#include <stdlib.h>

struct mpsc_queue {
    pthread_mutex_t lock;
    struct mpsc_node *oldest, *newest; /* both NULL when empty */
};

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = calloc(1, sizeof *q);
    if (!q) return NULL;
    if (pthread_mutex_init(&q->lock, NULL) != 0) {
        free(q);
        return NULL;
    }
    return q;
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    atomic_store_explicit(&node->next, NULL, memory_order_relaxed);
    pthread_mutex_lock(&q->lock);
    if (q->newest)
        atomic_store_explicit(&q->newest->next, node, memory_order_relaxed);
    else
        q->oldest = node;
    q->newest = node;
    pthread_mutex_unlock(&q->lock);
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    pthread_mutex_lock(&q->lock);
    struct mpsc_node *node = q->oldest;
    if (node) {
        q->oldest = atomic_load_explicit(&node->next, memory_order_relaxed);
        if (!q->oldest) q->newest = NULL;
    }
    pthread_mutex_unlock(&q->lock);
    return node;
}

void mpsc_free(struct mpsc_queue *q) {
    if (!q) return;
    pthread_mutex_destroy(&q->lock);
    free(q);
}
