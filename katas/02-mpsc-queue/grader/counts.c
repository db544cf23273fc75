/* SPDX-License-Identifier: MIT */
/* counts.c -- what the calls cost, counted on one thread.
 *
 *   counts
 *
 * n pushes, then n pops, for a small and a large n; a queue that holds HELD
 * nodes while others come and go; a queue whose length stays between 1 and 8.
 * A phase is stopped at STEP_LIMIT steps per call. At last a thread that never
 * pushed before pushes.
 *
 * Evidence: `push_steps_1000`, `pushes_1000` (calls), `pop_steps_1000`,
 * `pops_1000` (nodes that came out), the same for 200000, `steady_steps` and
 * `steady_calls` (filling included), `mixed_steps`, `mixed_calls`; of the large
 * n `misplaced` (pops that returned another node than the oldest inside) and
 * `early_nulls` (pops that answered NULL before all were out);
 * `allocations_in_push`, `allocations_in_pop`; and `overrun`: 1 if a phase was
 * stopped; what comes after it is then 0. */
#include "driver.h"

#include <stdlib.h>

#include "evidence.h"
#include "gate.h"
#include "heap.h"
#include "pace.h"

#define STEP_LIMIT 1000
#define LARGE 200000
#define HELD 100000
#define STEADY 20000
#define MIXED 20000
#define LONGEST 8
#define NEWCOMERS_PUSHES 4

struct phase {
    const char *steps_name, *calls_name;
    uint64_t steps, calls;
};

static struct phase phases[] = {
    {.steps_name = "push_steps_1000", .calls_name = "pushes_1000"},
    {.steps_name = "pop_steps_1000", .calls_name = "pops_1000"},
    {.steps_name = "push_steps_200000", .calls_name = "pushes_200000"},
    {.steps_name = "pop_steps_200000", .calls_name = "pops_200000"},
    {.steps_name = "steady_steps", .calls_name = "steady_calls"},
    {.steps_name = "mixed_steps", .calls_name = "mixed_calls"},
};
static struct phase *now;
static uint64_t misplaced, early_nulls;
static uint64_t in_push, in_pop; /* allocations */

static void report(uint64_t overran) {
    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++) {
        evidence_count(phases[i].steps_name, phases[i].steps);
        evidence_count(phases[i].calls_name, phases[i].calls);
    }
    evidence_count("misplaced", misplaced);
    evidence_count("early_nulls", early_nulls);
    evidence_count("allocations_in_push", in_push);
    evidence_count("allocations_in_pop", in_pop);
    evidence_count("overrun", overran);
}

static void overrun(void) {
    now->steps = pace_steps();
    report(1);
    evidence_end();
}

static void begin(struct phase *p, uint64_t calls) {
    now = p;
    pace_count_steps(calls * STEP_LIMIT, overrun);
}

static void end(void) {
    now->steps = pace_steps();
    pace_count_steps(0, NULL);
    evidence_progress();
}

static void push(struct mpsc_queue *q, struct mpsc_node *node) {
    scribble(node, now->calls);
    uint64_t before = heap_allocations();
    mpsc_push(q, node);
    in_push += heap_allocations() - before;
    now->calls++;
}

static struct mpsc_node *pop(struct mpsc_queue *q) {
    uint64_t before = heap_allocations();
    struct mpsc_node *node = mpsc_pop(q);
    in_pop += heap_allocations() - before;
    return node;
}

static void fill_and_drain(struct phase *pushes, struct phase *pops, struct item *items, uint64_t n) {
    struct mpsc_queue *q = new_queue();
    begin(pushes, n);
    for (uint64_t i = 0; i < n; i++) push(q, &items[i].node);
    end();
    begin(pops, n);
    misplaced = early_nulls = 0;
    for (uint64_t i = 0; i < n; i++) {
        struct mpsc_node *node = pop(q);
        if (!node) early_nulls++;
        if (node && node != &items[now->calls++].node) misplaced++;
    }
    end();
    mpsc_free(q);
}

/* Filling counts too: a design may do work there that its pops then save, or
 * put it off until the first of them. */
static void hold(struct phase *p, struct item *items) {
    struct mpsc_queue *q = new_queue();
    begin(p, HELD + 2 * STEADY);
    for (uint64_t i = 0; i < HELD; i++) push(q, &items[i].node);
    for (uint64_t i = 0; i < STEADY; i++) {
        push(q, &items[HELD + i].node);
        (void)pop(q); /* which one it is, is another phase's concern */
        now->calls++;
    }
    end();
    mpsc_free(q);
}

/* What comes out goes in again, whatever it is, as long as it is ours. */
static void mix(struct phase *p, struct item *items) {
    struct mpsc_queue *q = new_queue();
    struct item *idle[LONGEST];
    uint64_t idle_count = LONGEST;
    for (uint64_t i = 0; i < LONGEST; i++) idle[i] = &items[i];
    begin(p, MIXED * 2);
    for (uint64_t i = 0; i < MIXED; i++) {
        uint64_t length = 1 + i / 16 % LONGEST;
        while (idle_count > LONGEST - length) push(q, &idle[--idle_count]->node);
        struct item *item = (struct item *)pop(q);
        now->calls++;
        if (item >= items && item < items + LONGEST && idle_count < LONGEST) idle[idle_count++] = item;
    }
    end();
    mpsc_free(q);
}

struct newcomer {
    struct mpsc_queue *queue;
    struct item items[NEWCOMERS_PUSHES];
};

static void *push_first_time(void *argument) {
    struct newcomer *n = argument;
    for (int i = 0; i < NEWCOMERS_PUSHES; i++) push(n->queue, &n->items[i].node);
    return NULL;
}

/* Only allocations matter here: a queue might make room for a thread when it
 * first sees it. */
static void newcomer(void) {
    static struct phase unreported;
    now = &unreported;
    struct newcomer n = {.queue = new_queue()};
    pthread_join(gate_thread(push_first_time, &n), NULL);
    for (int i = 0; i < NEWCOMERS_PUSHES; i++) (void)pop(n.queue);
    mpsc_free(n.queue);
}

void counts(uint64_t seed) {
    (void)seed; /* counts do not depend on chance */
    struct item *items = calloc(LARGE, sizeof *items);
    fill_and_drain(&phases[0], &phases[1], items, 1000);
    fill_and_drain(&phases[2], &phases[3], items, LARGE);
    hold(&phases[4], items);
    mix(&phases[5], items);
    newcomer();
    report(0);
    free(items);
}
