/* SPDX-License-Identifier: MIT
 *
 * mpsc_queue.h -- the interface of kata 02, as its explorer driver needs it. */
#ifndef MPSC_QUEUE_H
#define MPSC_QUEUE_H

#include <stdatomic.h>

struct mpsc_node {
    _Atomic(struct mpsc_node *) next;
};
struct mpsc_queue;

struct mpsc_queue *mpsc_new(void);
void mpsc_push(struct mpsc_queue *, struct mpsc_node *);
struct mpsc_node *mpsc_pop(struct mpsc_queue *);
void mpsc_free(struct mpsc_queue *);

#endif
