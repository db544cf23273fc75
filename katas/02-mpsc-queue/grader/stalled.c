/* SPDX-License-Identifier: MIT */
/* stalled.c -- a push that stops half-way must stop nobody else.
 *
 *   stalled
 *
 * Thread A stops at its k-th step inside mpsc_push, for every k there is.
 * Meanwhile the main thread pushes two nodes and pops four times; what does
 * not end within STEP_LIMIT steps of its own never will. Then A goes on, and
 * everything must come out. Each k is tried on a fresh queue, on one that was
 * used and is empty, and on one with a node inside; and all of it a second
 * time with a thread C that stops at its k-th step while A stays where it is.
 * At last lockstep.c.
 *
 * Evidence, an entry per run: `stage` (0 fresh, 1 used, 2 holding), `stopped`
 * (1: A, 2: C too), `parked_at` (k), `arrived` (node numbers in order of
 * popping, a hexadecimal digit each: 1 is A's, 2 and 3 are main's, 4 was
 * inside before, 5 is C's, f is a stranger), `push_steps` and `pop_steps` (the
 * longest call's). Then the counts `parked_points` and, if a call did not end,
 * `overrun_call` (1 push, 2 pop), `overrun_stopped`, `overrun_stage` and
 * `overrun_at`. */
#include "driver.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "evidence.h"
#include "gate.h"
#include "pace.h"

#define STEP_LIMIT 100000
#define MAX_POINTS 400 /* of k, per stage */
#define MAX_STOPPED 2
#define MAX_RUNS (MAX_STOPPED * STAGES * MAX_POINTS)

enum stage { FRESH, USED, HOLDING, STAGES };
enum node { OF_A = 1, FIRST, SECOND, EARLIER, OF_C, NODES, NOBODYS = 15 };
enum call { PUSH = 1, POP };

static struct {
    struct mpsc_queue *queue;
    struct mpsc_node node[NODES];
    uint64_t stage, stopped, k, arrived, push_steps, pop_steps;
    enum call call;
} now;

static struct {
    uint64_t stage[MAX_RUNS], stopped[MAX_RUNS], parked_at[MAX_RUNS], arrived[MAX_RUNS];
    uint64_t push_steps[MAX_RUNS], pop_steps[MAX_RUNS];
    size_t runs;
} seen;

/* A, and C. */
static struct parker {
    struct pace_place place;
    enum node node;
    pthread_t thread;
} parker[MAX_STOPPED] = {{.place = PACE_PLACE, .node = OF_A}, {.place = PACE_PLACE, .node = OF_C}};

static void report(void) {
    evidence_series("stage", seen.stage, seen.runs);
    evidence_series("stopped", seen.stopped, seen.runs);
    evidence_series("parked_at", seen.parked_at, seen.runs);
    evidence_series("arrived", seen.arrived, seen.runs);
    evidence_series("push_steps", seen.push_steps, seen.runs);
    evidence_series("pop_steps", seen.pop_steps, seen.runs);
    evidence_count("parked_points", seen.runs);
}

static void overrun(void) {
    report();
    evidence_count("overrun_call", now.call);
    evidence_count("overrun_stopped", now.stopped);
    evidence_count("overrun_stage", now.stage);
    evidence_count("overrun_at", now.k);
    evidence_end();
}

/* Counts the call made since and keeps the most steps in `longest`. */
static void end_call(uint64_t *longest) {
    uint64_t steps = pace_steps();
    pace_count_steps(0, NULL);
    if (steps > *longest) *longest = steps;
}

static void push(enum node number) {
    scribble(&now.node[number], now.k);
    now.call = PUSH;
    pace_count_steps(STEP_LIMIT, overrun);
    mpsc_push(now.queue, &now.node[number]);
    end_call(&now.push_steps);
}

static bool pop(void) {
    now.call = POP;
    pace_count_steps(STEP_LIMIT, overrun);
    struct mpsc_node *node = mpsc_pop(now.queue);
    end_call(&now.pop_steps);
    if (!node) return false;
    bool known = node > now.node && node < now.node + NODES;
    now.arrived = now.arrived << 4 | (known ? (uint64_t)(node - now.node) : NOBODYS);
    if (known) scribble(node, now.k + 1);
    return true;
}

static void *push_and_park(void *argument) {
    struct parker *p = argument;
    scribble(&now.node[p->node], now.k);
    pace_park_at(&p->place, now.k);
    mpsc_push(now.queue, &now.node[p->node]);
    pace_park_over();
    return NULL;
}

/* false: its push has fewer than k steps, and has ended. */
static bool stop(struct parker *p) {
    p->thread = gate_thread(push_and_park, p);
    if (pace_wait_parked(&p->place)) return true;
    pthread_join(p->thread, NULL);
    return false;
}

static void go_on(struct parker *p) {
    pace_release(&p->place, 0);
    pthread_join(p->thread, NULL);
}

/* The 16 digits of `arrived` bound the pops of a queue that never ends. */
static void main_goes_on(void) {
    push(FIRST);
    push(SECOND);
    for (int i = 0; i < 4; i++) pop();
}

static void keep(void) {
    seen.stage[seen.runs] = now.stage;
    seen.stopped[seen.runs] = now.stopped;
    seen.parked_at[seen.runs] = now.k;
    seen.arrived[seen.runs] = now.arrived;
    seen.push_steps[seen.runs] = now.push_steps;
    seen.pop_steps[seen.runs] = now.pop_steps;
    seen.runs++;
}

/* false: A's push has fewer than k steps. C's may; then it is through. */
static bool run(uint64_t stopped, enum stage stage, uint64_t k) {
    now.queue = new_queue();
    now.stopped = stopped, now.stage = stage, now.k = k;
    if (stage == USED) push(EARLIER), pop();
    if (stage == HOLDING) push(EARLIER);
    now.arrived = now.push_steps = now.pop_steps = 0;

    bool a = stop(&parker[0]), c = a && stopped == 2 && stop(&parker[1]);
    if (a) {
        main_goes_on();
        go_on(&parker[0]);
        if (c) go_on(&parker[1]);
        for (int i = 0; i < 8 && pop(); i++) continue;
        keep();
    }
    mpsc_free(now.queue);
    return a;
}

void stalled(uint64_t seed) {
    (void)seed; /* nothing is left to chance: every step is tried */
    for (uint64_t stopped = 1; stopped <= MAX_STOPPED; stopped++) {
        for (enum stage stage = FRESH; stage < STAGES; stage++) {
            for (uint64_t k = 1; k <= MAX_POINTS && run(stopped, stage, k); k++) continue;
            evidence_progress();
        }
    }
    report();
    lockstep();
}
