/* SPDX-License-Identifier: MIT */
/* memory.c -- what the queue takes, and whose memory it touches.
 *
 *   no_memory   see refusals.h; then queues that end after each number of
 *               pushes and pops, and many queues at once
 *   abandoned   mpsc_free on queues whose nodes inside are gone already: a
 *               sanitizer sees who looks at them. And mpsc_free(NULL).
 *
 * Evidence of no_memory beside: the rows `ended`, and `side_by_side`, the
 * queues that returned their node, all alive at once.
 * Evidence of abandoned: `abandoned`, the number of queues. */
#include "driver.h"

#include <stdbool.h>
#include <stdlib.h>

#include "evidence.h"
#include "heap.h"
#include "refusals.h"

#define SIDE_BY_SIDE 100
#define MOST_INSIDE 4
#define MOST_PUSHED 12
#define ENDED ((MOST_PUSHED + 1) * (MOST_PUSHED + 2) / 2)

/* A queue that mpsc_free has ended, and the allocations that it still held. */
EVIDENCE_ROW(life, pushed, popped, kept);

static void *make(void) {
    return mpsc_new();
}

static bool works(void *q) {
    struct mpsc_node node;
    scribble(&node, 1);
    mpsc_push(q, &node);
    return mpsc_pop(q) == &node;
}

static void end(void *q) {
    mpsc_free(q);
}

/* Half of them end with nodes inside. */
static void live(uint64_t number) {
    struct mpsc_queue *q = new_queue();
    struct mpsc_node inside[MOST_INSIDE];
    if (number / 2 % 2 == 0) works(q);
    for (uint64_t k = 0; k < number % 2 * (1 + number / 4 % MOST_INSIDE); k++) mpsc_push(q, &inside[k]);
    mpsc_free(q);
}

/* `pushed` nodes go in, `popped` come out, and the queue is freed with the
 * others inside. */
static struct life end_after(uint64_t pushed, uint64_t popped) {
    struct mpsc_node node[MOST_PUSHED];
    int64_t before = heap_live();
    struct mpsc_queue *q = new_queue();
    for (uint64_t i = 0; i < pushed; i++) {
        scribble(&node[i], i);
        mpsc_push(q, &node[i]);
    }
    for (uint64_t i = 0; i < popped; i++) (void)mpsc_pop(q);
    mpsc_free(q);
    return (struct life){pushed, popped, (uint64_t)(heap_live() - before)};
}

static void end_after_each(void) {
    struct life ended[ENDED];
    size_t count = 0;
    for (uint64_t pushed = 0; pushed <= MOST_PUSHED; pushed++)
        for (uint64_t popped = 0; popped <= pushed; popped++) ended[count++] = end_after(pushed, popped);
    evidence_rows("ended", life, ended, count);
}

static uint64_t side_by_side(void) {
    struct mpsc_queue *q[SIDE_BY_SIDE];
    struct mpsc_node node[SIDE_BY_SIDE];
    uint64_t right = 0;
    for (int i = 0; i < SIDE_BY_SIDE; i++) {
        q[i] = new_queue();
        scribble(&node[i], 1);
        mpsc_push(q[i], &node[i]);
    }
    for (int i = 0; i < SIDE_BY_SIDE; i++) right += mpsc_pop(q[i]) == &node[i];
    for (int i = 0; i < SIDE_BY_SIDE; i++) mpsc_free(q[i]);
    return right;
}

void no_memory(uint64_t seed) {
    (void)seed;
    refuse_each(&(struct refused_object){make, works, end, live});
    end_after_each();
    evidence_count("side_by_side", side_by_side());
}

/* `pushed` nodes go in, `popped` come out, the others' memory goes first. */
static void abandon(uint64_t pushed, uint64_t popped) {
    struct mpsc_queue *q = new_queue();
    struct mpsc_node *inside[MOST_INSIDE];
    for (uint64_t i = 0; i < pushed; i++) {
        inside[i] = malloc(sizeof *inside[i]);
        scribble(inside[i], i);
        mpsc_push(q, inside[i]);
    }
    for (uint64_t i = 0; i < popped; i++) (void)mpsc_pop(q); /* freed below with the others */
    for (uint64_t i = 0; i < pushed; i++) free(inside[i]);
    mpsc_free(q);
}

void abandoned(uint64_t seed) {
    (void)seed;
    uint64_t queues = 0;
    for (uint64_t pushed = 0; pushed <= MOST_INSIDE; pushed++)
        for (uint64_t popped = 0; popped <= pushed; popped++, queues++) abandon(pushed, popped);
    mpsc_free(NULL);
    evidence_count("abandoned", queues);
    evidence_end(); /* leaks are another check's concern */
}
