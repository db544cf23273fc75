/* SPDX-License-Identifier: MIT */
/* memory.c -- what the queue takes, and whose memory it touches.
 *
 *   no_memory   mpsc_new with the first allocation refused, the second, ...,
 *               until it needs no more; then a thousand short lives.
 *   abandoned   mpsc_free on queues whose nodes inside are gone already: a
 *               sanitizer sees who looks at them. And mpsc_free(NULL).
 *
 * Evidence of no_memory, an entry per attempt: `answered` (1: a queue, 0:
 * NULL), `asked` (allocations, refused ones included), `kept` (allocations
 * still held after NULL, or after use and mpsc_free); the counts `popped` (1:
 * the last attempt's queue returned the node that was pushed) and
 * `live_after_free` (allocations that the thousand lives left behind).
 * Evidence of abandoned: `abandoned`, the number of queues. */
#include "driver.h"

#include <stdlib.h>

#include "evidence.h"
#include "heap.h"

#define ATTEMPTS 32
#define LIVES 1000
#define MOST_INSIDE 4

static uint64_t use_once(struct mpsc_queue *q) {
    struct mpsc_node node;
    scribble(&node, 1);
    mpsc_push(q, &node);
    return mpsc_pop(q) == &node;
}

static uint64_t short_lives(void) {
    int64_t before = heap_live();
    for (int i = 0; i < LIVES; i++) {
        struct mpsc_queue *q = new_queue();
        if (i % 2 == 0) use_once(q);
        mpsc_free(q);
    }
    return (uint64_t)(heap_live() - before);
}

void no_memory(uint64_t seed) {
    (void)seed;
    uint64_t answered[ATTEMPTS] = {0}, asked[ATTEMPTS], kept[ATTEMPTS], popped = 0;
    size_t n = 0;
    for (; n < ATTEMPTS && (n == 0 || !answered[n - 1]); n++) {
        uint64_t allocations = heap_allocations();
        int64_t live = heap_live();
        heap_refuse_from(n + 1);
        struct mpsc_queue *q = mpsc_new();
        asked[n] = heap_allocations() - allocations;
        heap_refuse_from(0);
        answered[n] = q != NULL;
        if (q) {
            popped = use_once(q);
            mpsc_free(q);
        }
        kept[n] = (uint64_t)(heap_live() - live);
    }
    evidence_series("answered", answered, n);
    evidence_series("asked", asked, n);
    evidence_series("kept", kept, n);
    evidence_count("popped", popped);
    evidence_count("live_after_free", short_lives());
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
