/* SPDX-License-Identifier: MIT */
/* driver.h -- what the driver's files share: items, and the scenarios. */
#ifndef DRIVER_H
#define DRIVER_H

#include <stdint.h>

#include "mpsc_queue.h"

/* What the traffic carries. The contents are plain memory, so that only the
 * queue can make them visible. 24 bytes: in an array, every other node is
 * aligned to 8 bytes and no more. */
struct item {
    struct mpsc_node node;
    uint64_t producer, seq;
};

/* How a popped item appears in evidence, and one that nobody ever pushed. */
#define ITEM_CODE(producer, seq) ((uint64_t)(producer) << 32 | (seq))
#define STRANGER UINT64_MAX

/* A new queue. Without one there is no traffic, and the process ends saying so. */
struct mpsc_queue *new_queue(void);

/* Leaves something in `next` that means nothing, a different thing for each
 * `draw`: the contract lets it hold anything outside the queue. */
void scribble(struct mpsc_node *node, uint64_t draw);

/* The crowd's items, nodes.c. A producer takes the item for its push
 * number `seq`, filled in; the consumer returns it and gets its ITEM_CODE, or
 * says that there was none. A thread that pops, or pushes before anybody does,
 * can't wait for what comes back: it takes fresh items. */
void nodes_prepare(uint64_t producers, uint64_t per_producer, uint64_t recycle);
struct item *nodes_take(uint64_t producer, uint64_t seq);
struct item *nodes_take_fresh(uint64_t producer, uint64_t seq);
uint64_t nodes_return(struct mpsc_node *node);
void nodes_none(void);
void nodes_free(void);

/* Calls visit() `visits` times, each on another processor than the time before,
 * if this thread may use several: processors.c. */
void processors_each(uint64_t visits, void (*visit)(uint64_t number));

/* The end of `stalled`, lockstep.c. */
void lockstep(void);

void crowd(uint64_t seed);     /* crowd.c */
void queues(uint64_t seed);    /* queues.c */
void stalled(uint64_t seed);   /* stalled.c */
void counts(uint64_t seed);    /* counts.c */
void no_memory(uint64_t seed); /* memory.c */
void abandoned(uint64_t seed); /* memory.c */
void bench(uint64_t seed);     /* bench.c */

#endif
