/* SPDX-License-Identifier: MIT */
/* counts.c -- what the calls cost, counted on one thread.
 *
 *   counts
 *
 * n pushes, then n pops, for a small and a large n; a queue that holds half as
 * many while others come and go; a queue whose length stays between 1 and 8. A
 * phase is stopped at STEP_LIMIT steps per call. At last a thread that never
 * pushed before pushes: a queue might make room for it then.
 *
 * Evidence: the rows `costs`; of the large n `popped`, `misplaced` (pops that
 * returned another node than the oldest inside) and `early_nulls` (pops that
 * answered NULL before all were out). */
#include "driver.h"

#include <stdlib.h>

#include "costs.h"
#include "evidence.h"
#include "gate.h"

#define STEP_LIMIT 1000
#define SMALL 1000
#define LARGE 200000
#define MIXED 20000
#define LONGEST 8
#define NEWCOMERS_PUSHES 4

enum phase { PUSH, POP, STEADY, MIXED_CALLS, NEWCOMER };

static uint64_t popped, misplaced, early_nulls;

static void push(struct mpsc_queue *q, struct mpsc_node *node, uint64_t draw) {
    scribble(node, draw);
    mpsc_push(q, node);
}

static void fill_and_drain(struct item *items, uint64_t n) {
    struct mpsc_queue *q = new_queue();
    cost_begin(PUSH, n, n, n * STEP_LIMIT);
    for (uint64_t i = 0; i < n; i++) push(q, &items[i].node, i);
    cost_end();
    cost_begin(POP, n, n, n * STEP_LIMIT);
    popped = misplaced = early_nulls = 0;
    for (uint64_t i = 0; i < n; i++) {
        struct mpsc_node *node = mpsc_pop(q);
        if (!node) early_nulls++;
        if (node && node != &items[popped++].node) misplaced++;
    }
    cost_end();
    mpsc_free(q);
}

/* Filling counts too: a design may do work there that its pops then save, or
 * put it off until the first of them. */
static void hold(struct item *items, uint64_t held) {
    struct mpsc_queue *q = new_queue();
    uint64_t steady = held / 5, calls = held + 2 * steady;
    cost_begin(STEADY, held, calls, calls * STEP_LIMIT);
    for (uint64_t i = 0; i < held; i++) push(q, &items[i].node, i);
    for (uint64_t i = 0; i < steady; i++) {
        push(q, &items[held + i].node, i);
        (void)mpsc_pop(q); /* which one it is, is another phase's concern */
    }
    cost_end();
    mpsc_free(q);
}

/* What comes out goes in again, whatever it is, as long as it is ours. */
static void mix(struct item *items) {
    struct mpsc_queue *q = new_queue();
    struct item *idle[LONGEST];
    uint64_t idle_count = LONGEST;
    for (uint64_t i = 0; i < LONGEST; i++) idle[i] = &items[i];
    cost_begin(MIXED_CALLS, LONGEST, MIXED * 2, (uint64_t)MIXED * 2 * STEP_LIMIT);
    for (uint64_t i = 0; i < MIXED; i++) {
        uint64_t length = 1 + i / 16 % LONGEST;
        while (idle_count > LONGEST - length) push(q, &idle[--idle_count]->node, i);
        struct item *item = (struct item *)mpsc_pop(q);
        if (item >= items && item < items + LONGEST && idle_count < LONGEST) idle[idle_count++] = item;
    }
    cost_end();
    mpsc_free(q);
}

struct newcomer {
    struct mpsc_queue *queue;
    struct item items[NEWCOMERS_PUSHES];
};

static void *push_first_time(void *argument) {
    struct newcomer *n = argument;
    for (int i = 0; i < NEWCOMERS_PUSHES; i++) push(n->queue, &n->items[i].node, 0);
    return NULL;
}

static void newcomer(void) {
    struct newcomer n = {.queue = new_queue()};
    cost_begin(NEWCOMER, 0, NEWCOMERS_PUSHES, 0);
    pthread_join(gate_thread(push_first_time, &n), NULL);
    cost_end();
    for (int i = 0; i < NEWCOMERS_PUSHES; i++) (void)mpsc_pop(n.queue);
    mpsc_free(n.queue);
}

void counts(uint64_t seed) {
    (void)seed; /* counts do not depend on chance */
    struct item *items = calloc(LARGE, sizeof *items);
    fill_and_drain(items, SMALL);
    fill_and_drain(items, LARGE);
    hold(items, SMALL / 2);
    hold(items, LARGE / 2);
    mix(items);
    newcomer();
    costs_report();
    evidence_count("popped", popped);
    evidence_count("misplaced", misplaced);
    evidence_count("early_nulls", early_nulls);
    free(items);
}
