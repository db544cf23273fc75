/* SPDX-License-Identifier: MIT */
/* stalled.c -- a push that stops half-way must stop nobody else.
 *
 *   stalled  pops (0 or 1)
 *
 * Thread A stops at its k-th step inside mpsc_push, for every k there is.
 * Meanwhile the main thread makes its calls; what does not end within
 * STEP_LIMIT steps of its own never will. Then A goes on, and everything must
 * come out. Each k is tried on a fresh queue, on one that was used and is
 * empty, and on one with a node inside; and all of it a second time with a
 * thread C that stops at its k-th step while A stays where it is.
 *
 * pops=0: main pushes two nodes, and pops only when nobody is stopped any more,
 * so that a pop that waits is no matter. At last lockstep.c.
 * pops=1: main only pops, so that a push that waits is no matter; and when all
 * of that is done, all of it again with two pushes before the pops.
 *
 * Evidence: the rows `runs`; `overrun_call` (1 push, 2 pop) if one did not end,
 * and `while_stopped`, whether a producer was stopped then; what lockstep.c
 * has. */
#include "driver.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "evidence.h"
#include "gate.h"
#include "graders_own.h"
#include "pace.h"
#include "scenario.h"

#define STEP_LIMIT 100000
#define MAX_POINTS 400 /* of k, per stage */
#define MAX_STOPPED 2
#define MAX_WAYS 2
#define MAX_RUNS (MAX_WAYS * MAX_STOPPED * STAGES * MAX_POINTS)

enum stage { FRESH, USED, HOLDING, STAGES };
enum node { OF_A = 1, FIRST, SECOND, EARLIER, OF_C, NODES, NOBODYS = 15 };
enum call { PUSH = 1, POP };

/* What main does while others are stopped. */
struct way {
    bool pushes, pops;
};

EVIDENCE_ROW(run, pushes, /* while others were stopped: main pushed two nodes */
             stage,       /* 0 fresh, 1 used, 2 holding */
             stopped,     /* 1: A, 2: C too */
             parked_at,   /* k */
             arrived);    /* enum node in order of popping, a hexadecimal digit each */

static struct {
    struct mpsc_queue *queue;
    uint64_t k, arrived;
    enum call call;
    bool while_stopped;
} now;

static HANDED_OVER struct mpsc_node node_of[NODES];

static struct run runs[MAX_RUNS];
static size_t run_count;

/* A, and C. */
static struct parker {
    struct pace_place place;
    enum node node;
    pthread_t thread;
} parker[MAX_STOPPED] = {{.place = PACE_PLACE, .node = OF_A}, {.place = PACE_PLACE, .node = OF_C}};

static void report(void) {
    evidence_rows("runs", run, runs, run_count);
}

static void overrun(void) {
    report();
    evidence_count("overrun_call", now.call);
    evidence_count("while_stopped", now.while_stopped);
    evidence_end();
}

static void push(enum node number) {
    scribble(&node_of[number], now.k);
    now.call = PUSH;
    pace_count_steps(STEP_LIMIT, overrun);
    mpsc_push(now.queue, &node_of[number]);
    pace_count_steps(0, NULL);
}

static bool pop(void) {
    now.call = POP;
    pace_count_steps(STEP_LIMIT, overrun);
    struct mpsc_node *node = mpsc_pop(now.queue);
    pace_count_steps(0, NULL);
    if (!node) return false;
    bool known = node > node_of && node < node_of + NODES;
    now.arrived = now.arrived << 4 | (known ? (uint64_t)(node - node_of) : NOBODYS);
    if (known) scribble(node, now.k + 1);
    return true;
}

static void *push_and_park(void *argument) {
    struct parker *p = argument;
    scribble(&node_of[p->node], now.k);
    pace_park_at(&p->place, now.k);
    mpsc_push(now.queue, &node_of[p->node]);
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
static void main_goes_on(struct way way) {
    now.while_stopped = true;
    if (way.pushes) push(FIRST), push(SECOND);
    for (int i = 0; way.pops && i < 4; i++) pop();
    now.while_stopped = false;
}

/* false: A's push has fewer than k steps. C's may; then it is through. */
static bool try_at(struct way way, uint64_t stopped, enum stage stage, uint64_t k) {
    now.queue = new_queue();
    now.k = k;
    if (stage == USED) push(EARLIER), pop();
    if (stage == HOLDING) push(EARLIER);
    now.arrived = 0;

    bool a = stop(&parker[0]), c = a && stopped == 2 && stop(&parker[1]);
    if (a) {
        main_goes_on(way);
        go_on(&parker[0]);
        if (c) go_on(&parker[1]);
        for (int i = 0; i < 8 && pop(); i++) continue;
        runs[run_count++] = (struct run){way.pushes, stage, stopped, k, now.arrived};
    }
    mpsc_free(now.queue);
    return a;
}

static void try_each_step(struct way way) {
    for (uint64_t stopped = 1; stopped <= MAX_STOPPED; stopped++) {
        for (enum stage stage = FRESH; stage < STAGES; stage++) {
            for (uint64_t k = 1; k <= MAX_POINTS && try_at(way, stopped, stage, k); k++) continue;
            evidence_progress();
        }
    }
}

void stalled(uint64_t seed) {
    (void)seed; /* nothing is left to chance: every step is tried */
    bool pops = scenario_param("pops");
    if (pops) try_each_step((struct way){.pops = true});
    try_each_step((struct way){.pushes = true, .pops = pops});
    report();
    if (!pops) lockstep();
}
