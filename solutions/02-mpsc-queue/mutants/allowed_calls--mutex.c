/* SPDX-License-Identifier: MIT */
/* mutex.c -- the tail is guarded by a mutex. It is correct, and a producer
 * that is paused while it holds the lock stops all others. A learner sees
 * pthread_mutex_lock named as a call that this kata does not allow. */
#include "mpsc_queue.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdlib.h>

#define CACHE_LINE 64

struct mpsc_queue {
    alignas(CACHE_LINE) pthread_mutex_t lock; /* of `tail` */
    struct mpsc_node *tail;
    alignas(CACHE_LINE) struct mpsc_node *head;
    struct mpsc_node dummy;
};

struct mpsc_queue *mpsc_new(void) {
    struct mpsc_queue *q = aligned_alloc(CACHE_LINE, sizeof *q);
    if (!q) return NULL;
    atomic_init(&q->dummy.next, NULL);
    pthread_mutex_init(&q->lock, NULL);
    q->tail = &q->dummy;
    q->head = &q->dummy;
    return q;
}

static struct mpsc_node *claim(struct mpsc_queue *q, struct mpsc_node *node) {
    pthread_mutex_lock(&q->lock);
    struct mpsc_node *prev = q->tail;
    q->tail = node;
    pthread_mutex_unlock(&q->lock);
    return prev;
}

void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    atomic_store_explicit(&node->next, NULL, memory_order_relaxed);
    struct mpsc_node *prev = claim(q, node);
    atomic_store_explicit(&prev->next, node, memory_order_release);
}

static struct mpsc_node *successor(struct mpsc_node *node) {
    return atomic_load_explicit(&node->next, memory_order_acquire);
}

static struct mpsc_node *newest(struct mpsc_queue *q) {
    pthread_mutex_lock(&q->lock);
    struct mpsc_node *node = q->tail;
    pthread_mutex_unlock(&q->lock);
    return node;
}

struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    struct mpsc_node *head = q->head, *next = successor(head);
    if (head == &q->dummy) {
        if (!next) return NULL;
        q->head = head = next;
        next = successor(head);
    }
    if (!next) {
        if (newest(q) != head) return NULL;
        mpsc_push(q, &q->dummy);
        next = successor(head);
        if (!next) return NULL;
    }
    q->head = next;
    return head;
}

void mpsc_free(struct mpsc_queue *q) {
    if (q) pthread_mutex_destroy(&q->lock);
    free(q);
}
