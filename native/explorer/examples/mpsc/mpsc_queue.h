/* SPDX-License-Identifier: MIT
 *
 * mpsc_queue.h -- an unbounded queue for many producers and one consumer, without locks: what the
 * queues of this folder have in common. driver.c holds them to it.
 *
 * Threads. Any thread may push at any time. One thread at a time is the consumer; the role may move
 * to another thread if the two synchronize.
 *
 * Ownership. From mpsc_push until mpsc_pop returns it, a node belongs to the queue. From then on it
 * is the caller's again, at once: it may be freed or pushed again while other calls are running.
 * `next` may hold anything before push and after pop.
 *
 * Order. One thread's nodes come out in the order it pushed them, and with them whatever the thread
 * wrote before each push.
 *
 * Progress. A thread may be paused anywhere inside a call; the others go on finishing theirs. */
#ifndef MPSC_QUEUE_H
#define MPSC_QUEUE_H

#include <stdatomic.h>

struct mpsc_node {
    _Atomic(struct mpsc_node *) next;
};

struct mpsc_queue;

/* An empty queue, or NULL if there is no memory. */
struct mpsc_queue *mpsc_new(void);

/* Appends a node that is in no queue. */
void mpsc_push(struct mpsc_queue *, struct mpsc_node *);

/* Removes a node. NULL: nothing is ready, which may be so while a push is half done; when none is in progress, the
 * queue is empty. */
struct mpsc_node *mpsc_pop(struct mpsc_queue *);

/* Frees the queue, and touches no node still inside. NULL does nothing. */
void mpsc_free(struct mpsc_queue *);

#endif
