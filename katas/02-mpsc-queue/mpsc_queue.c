/* SPDX-License-Identifier: MIT */
/* mpsc_queue.c -- many producers, one consumer, no locks.
 *
 * This is the only file you edit. The types and the full contract are in
 * mpsc_queue.h; run `bun kata hint 02` when you are stuck.
 *
 * What must stay true, whatever the threads do:
 *   1. Every node pushed is popped exactly once.
 *   2. One producer's nodes come out in the order it pushed them.
 *   3. A producer that stops half-way never blocks another producer.
 *
 * Before you type, answer this on paper: appending to a linked list takes
 * two stores. What does the consumer see between them? */
#include "mpsc_queue.h"

#include <stdlib.h>

struct mpsc_queue {
    int todo; /* What do producers share? What does the consumer own alone? */
};

struct mpsc_queue *mpsc_new(void) {
    return calloc(1, sizeof(struct mpsc_queue)); /* TODO: what does an empty queue look like? */
}

/* Append `node`. Any thread may call this at any time. */
void mpsc_push(struct mpsc_queue *q, struct mpsc_node *node) {
    (void)q, (void)node; /* TODO: append `node` so that rules 1 to 3 hold. */
}

/* Remove and return a node, or NULL. Only the consumer calls this. */
struct mpsc_node *mpsc_pop(struct mpsc_queue *q) {
    (void)q;
    return NULL; /* TODO: once this returns a node, who may still be looking at it? */
}

/* Free the queue, but never touch the nodes inside. `q` may be NULL. */
void mpsc_free(struct mpsc_queue *q) {
    free(q); /* TODO: does the queue own anything else? */
}
