/* SPDX-License-Identifier: MIT */
/* memory.c -- what the queue takes, and whose memory it touches.
 *
 *   no_memory   mpsc_new with the first allocation refused, the second, ...,
 *               until it needs no more: once with all later ones refused too,
 *               once without. Then many queues at once, and a thousand short
 *               lives, half of which end with nodes inside.
 *   abandoned   mpsc_free on queues whose nodes inside are gone already: a
 *               sanitizer sees who looks at them. And mpsc_free(NULL).
 *
 * Evidence of no_memory, an entry per attempt: `refused` (the allocation, from
 * 1), `alone` (1: no later one), `answered` (1: a queue, 0: NULL), `kept`
 * (allocations still held after NULL, or after use and mpsc_free), `popped`
 * (1: the queue returned the node that was pushed). The last attempt of either
 * kind was refused nothing, unless mpsc_new asks without end. The counts
 * `side_by_side` (queues that returned their node, all alive at once) and
 * `live_after_free` (allocations that the thousand lives left behind).
 * Evidence of abandoned: `abandoned`, the number of queues. */
#include "driver.h"

#include <stdbool.h>
#include <stdlib.h>

#include "evidence.h"
#include "heap.h"

#define ATTEMPTS 300 /* per way of refusing; a queue may well have an allocation per lane */
#define SIDE_BY_SIDE 100
#define LIVES 1000
#define MOST_INSIDE 4

static struct {
    uint64_t refused[2 * ATTEMPTS], alone[2 * ATTEMPTS], answered[2 * ATTEMPTS];
    uint64_t kept[2 * ATTEMPTS], popped[2 * ATTEMPTS];
    size_t count;
} attempts;

static uint64_t use_once(struct mpsc_queue *q) {
    struct mpsc_node node;
    scribble(&node, 1);
    mpsc_push(q, &node);
    return mpsc_pop(q) == &node;
}

/* false: mpsc_new did not ask for the allocation that was to be refused. */
static bool attempt(uint64_t nth, bool alone) {
    size_t i = attempts.count++;
    uint64_t before = heap_allocations();
    int64_t live = heap_live();
    alone ? heap_refuse_only(nth) : heap_refuse_from(nth);
    struct mpsc_queue *q = mpsc_new();
    heap_refuse_from(0);
    uint64_t asked = heap_allocations() - before;
    if (q) {
        attempts.popped[i] = use_once(q);
        mpsc_free(q);
    }
    attempts.refused[i] = nth, attempts.alone[i] = alone, attempts.answered[i] = q != NULL;
    attempts.kept[i] = (uint64_t)(heap_live() - live);
    return asked >= nth;
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

static uint64_t short_lives(void) {
    int64_t before = heap_live();
    for (uint64_t i = 0; i < LIVES; i++) {
        struct mpsc_queue *q = new_queue();
        struct mpsc_node inside[MOST_INSIDE];
        if (i / 2 % 2 == 0) use_once(q);
        for (uint64_t k = 0; k < i % 2 * (1 + i / 4 % MOST_INSIDE); k++) mpsc_push(q, &inside[k]);
        mpsc_free(q);
    }
    return (uint64_t)(heap_live() - before);
}

void no_memory(uint64_t seed) {
    (void)seed;
    for (uint64_t nth = 1; nth <= ATTEMPTS && attempt(nth, false); nth++) continue;
    for (uint64_t nth = 1; nth <= ATTEMPTS && attempt(nth, true); nth++) continue;
    uint64_t right = side_by_side(), left = short_lives();
    evidence_series("refused", attempts.refused, attempts.count);
    evidence_series("alone", attempts.alone, attempts.count);
    evidence_series("answered", attempts.answered, attempts.count);
    evidence_series("kept", attempts.kept, attempts.count);
    evidence_series("popped", attempts.popped, attempts.count);
    evidence_count("side_by_side", right);
    evidence_count("live_after_free", left);
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
