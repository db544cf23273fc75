/* SPDX-License-Identifier: MIT */
/* counts.c -- what the calls cost, counted on one thread.
 *
 *   counts
 *
 * n pushes, then n pops, for a small and a large n; a queue that holds half as
 * many while others come and go; a queue whose length stays between 1 and 8; a
 * thread that never pushed before pushes: a queue might make room for it then.
 * A phase is stopped at STEP_LIMIT steps per call. At last a vast n: the nodes
 * have their memory before, so that what the process takes in addition is the
 * queue's, whether it allocates, or has a table that was never touched so far.
 *
 * Evidence: the rows `costs`; of the vast n `popped`, `misplaced` (pops that
 * returned another node than the oldest inside), `early_nulls` (pops that
 * answered NULL before all were out) and `taken_bytes`. */
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "costs.h"
#include "evidence.h"
#include "gate.h"

#define STEP_LIMIT 1000
#define SMALL 1000
#define LARGE 200000
#define VAST 4000000 /* a table with so many places takes more than `taken_bytes` may be */
#define MIXED 20000
#define LONGEST 8
#define NEWCOMERS_PUSHES 4

enum phase { PUSH, POP, STEADY, MIXED_CALLS, NEWCOMER };

static uint64_t popped, misplaced, early_nulls, resident_before, taken_bytes;

/* The memory that the process has now, exactly: the counters of getrusage lag
 * behind. 0 where the kernel does not tell. */
static uint64_t resident_bytes(void) {
    char line[256];
    unsigned long long kilobytes = 0;
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    while (file && fgets(line, sizeof line, file) && sscanf(line, "Rss: %llu", &kilobytes) != 1) continue;
    if (file) fclose(file);
    return kilobytes * 1024;
}

static void push(struct mpsc_queue *q, struct mpsc_node *node, uint64_t draw) {
    scribble(node, draw);
    mpsc_push(q, node);
}

/* Nodes lie `stride` bytes apart. */
static void fill_and_drain(void *nodes, uint64_t stride, uint64_t n) {
    struct mpsc_queue *q = new_queue();
    char *at = nodes;
    cost_begin(PUSH, n, n, n * STEP_LIMIT);
    for (uint64_t i = 0; i < n; i++) {
        cost_call();
        push(q, (struct mpsc_node *)(at + i * stride), i);
    }
    cost_end();
    evidence_progress();
    uint64_t resident = resident_bytes();
    taken_bytes = resident > resident_before ? resident - resident_before : 0;
    cost_begin(POP, n, n, n * STEP_LIMIT);
    popped = misplaced = early_nulls = 0;
    for (uint64_t i = 0; i < n; i++) {
        cost_call();
        struct mpsc_node *node = mpsc_pop(q);
        if (!node) early_nulls++;
        if (node && node != (struct mpsc_node *)(at + popped++ * stride)) misplaced++;
    }
    cost_end();
    mpsc_free(q);
}

static void fill_to_the_brim(void) {
    uint64_t size = VAST * sizeof(struct mpsc_node);
    struct mpsc_node *nodes = malloc(size);
    memset(nodes, 1, size); /* zeros would be no memory yet */
    resident_before += size;
    fill_and_drain(nodes, sizeof *nodes, VAST);
    free(nodes);
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
    struct item *items = malloc(LARGE * sizeof *items);
    memset(items, 1, LARGE * sizeof *items);
    resident_before = resident_bytes();
    fill_and_drain(items, sizeof *items, SMALL);
    fill_and_drain(items, sizeof *items, LARGE);
    hold(items, SMALL / 2);
    hold(items, LARGE / 2);
    mix(items);
    newcomer();
    fill_to_the_brim();
    costs_report();
    evidence_count("popped", popped);
    evidence_count("misplaced", misplaced);
    evidence_count("early_nulls", early_nulls);
    evidence_count("taken_bytes", taken_bytes);
    free(items);
}
