/* SPDX-License-Identifier: MIT */
/* mpsc_queue.h -- an unbounded queue for many producers and one consumer,
 * without locks.
 *
 * Threads. Any thread may push at any time. One thread at a time is the
 * consumer; the role may move to another thread if the two synchronize (a
 * mutex, a join). Different queues share nothing.
 *
 * Ownership. The caller embeds a node in an item of its own. From the moment
 * mpsc_push is called until mpsc_pop returns it, a node belongs to the queue.
 * From then on it is the caller's again, at once: it may be freed, or pushed
 * to this or another queue, while other calls are still running. `next` may
 * hold anything before push and after pop. A node is aligned for struct
 * mpsc_node, no more.
 *
 * Order. One thread's nodes come out in the order it pushed them. Nothing is
 * promised between threads, not even if one push happened after another.
 * Whatever a thread wrote before its push is visible to the consumer that
 * pops the node.
 *
 * Progress. A thread may be paused anywhere inside mpsc_push for any length
 * of time. Meanwhile a push that runs alone finishes in a bounded number of
 * its own steps, and of several concurrent pushes at least one does. mpsc_pop
 * waits for nobody. Both cost amortized O(1), however long the queue is.
 *
 * Memory. Only mpsc_new allocates. A queue is never full, and takes at most
 * 8 MiB, however many nodes are inside. Neither push nor pop allocates, locks,
 * yields, sleeps or makes a system call. */
#ifndef MPSC_QUEUE_H
#define MPSC_QUEUE_H

#include <stdatomic.h>

struct mpsc_node {
    _Atomic(struct mpsc_node *) next; /* the queue's, while the node is inside */
};

struct mpsc_queue;

/* An empty queue, or NULL if there is no memory; then nothing is leaked. */
struct mpsc_queue *mpsc_new(void);

/* Appends `node`, which must not be in a queue. Any thread; never fails,
 * never waits. */
void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node);

/* Removes a node and returns it. NULL: nothing is ready. While any push is
 * half done that may be the answer even if nodes pushed before it are inside;
 * when no push is in progress, NULL means that the queue is empty. The
 * consumer only; never waits. */
struct mpsc_node *mpsc_pop(struct mpsc_queue *q);

/* Frees the queue. No other call may be in progress. Nodes still inside stay
 * the caller's and are neither read nor written: their memory may be gone
 * already. NULL does nothing. */
void mpsc_free(struct mpsc_queue *q);

#endif
