/* SPDX-License-Identifier: MIT */
/* paused.c -- a thread that stops anywhere inside add or read stops nobody else.
 *
 *   paused
 *
 * Thread A stops at its k-th step inside a call, for every k there is: inside its first add, a later one, and a read.
 * Meanwhile the main thread adds and reads, and so does a thread that never added before; what does not end within
 * STEP_LIMIT steps of its own never will. Then A goes on. At last the same with MANY threads, each of them stopped in
 * an add, a few steps before its end, as far as that is known from another add just before.
 *
 * Evidence: the rows `runs`; `overrun_call` (1 add, 2 read) if a call did not end, `overrun_first`, whether it was a
 * thread's first add, and `overrun_in`, the call that A was stopped in (1 its first add, 2 a later one, 3 a read, 4 an
 * add that all of the many were in). */
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "driver.h"
#include "evidence.h"
#include "gate.h"
#include "pace.h"
#include "processors.h"

#define STEP_LIMIT 20000
#define MAX_POINTS 1500 /* of k, per call */
#define MANY 136        /* more than a counter has lines */
#define MANY_POINTS 10

/* Each its own digit. */
enum { OF_A = 1000000, OF_MAIN = 10000, OF_NEWCOMER = 100, EARLIER = 1 };
enum call { FIRST_ADD = 1, LATER_ADD, READ, OF_MANY, CALLS };

/* `between`: what main read while A was stopped; `newcomers`: what the newcomer read; `answered`: what A's read
 * answered; `after`: the sum when all had ended. */
EVIDENCE_ROW(run, call, parked_at, between, newcomers, answered, after);

static struct {
    struct counter *counter;
    enum call call;
    uint64_t k, newcomers, answered;
    struct pace_place place;
} now = {.place = PACE_PLACE};

static struct run runs[CALLS * MAX_POINTS];
static size_t run_count;
static _Thread_local bool added_before;

static void report(void) {
    evidence_rows("runs", run, runs, run_count);
}

static void overrun(uint64_t call) {
    report();
    evidence_count("overrun_call", call);
    evidence_count("overrun_first", !added_before);
    evidence_count("overrun_in", now.call);
    evidence_end();
}

static void endless_add(void) {
    overrun(1);
}

static void endless_read(void) {
    overrun(2);
}

static void add(int64_t n) {
    pace_count_steps(STEP_LIMIT, endless_add);
    counter_add(now.counter, n);
    pace_count_steps(0, NULL);
    added_before = true;
}

static uint64_t read_now(void) {
    pace_count_steps(STEP_LIMIT, endless_read);
    uint64_t sum = (uint64_t)counter_read(now.counter);
    pace_count_steps(0, NULL);
    return sum;
}

static void *call_and_park(void *unused) {
    if (now.call == LATER_ADD) counter_add(now.counter, EARLIER);
    pace_park_at(&now.place, now.k);
    if (now.call == READ)
        now.answered = (uint64_t)counter_read(now.counter);
    else
        counter_add(now.counter, OF_A);
    pace_park_over();
    return unused;
}

static void come_new(uint64_t number) {
    (void)number;
    add(OF_NEWCOMER);
    now.newcomers = read_now();
}

/* false: the call has fewer than k steps. */
static bool try_at(enum call call, uint64_t k) {
    now.counter = new_counter();
    now.call = call, now.k = k, now.answered = 0;
    add(EARLIER);
    pthread_t a = gate_thread(call_and_park, NULL);
    bool parked = pace_wait_parked(&now.place);
    if (parked) {
        struct run *run = &runs[run_count++];
        *run = (struct run){.call = call, .parked_at = k};
        add(OF_MAIN), add(OF_MAIN);
        run->between = read_now();
        one_thread(come_new, 0);
        pace_release(&now.place, 0);
        pthread_join(a, NULL);
        run->newcomers = now.newcomers, run->answered = now.answered, run->after = read_now();
    } else
        pthread_join(a, NULL);
    counter_free(now.counter);
    return parked;
}

static struct parker {
    struct pace_place place;
    pthread_t thread;
    uint64_t step;
    bool parked;
} parkers[MANY];

static void *add_and_park(void *argument) {
    struct parker *p = argument;
    processor_is(0);
    counter_add(now.counter, EARLIER);
    pace_park_at(&p->place, p->step);
    counter_add(now.counter, OF_A);
    pace_park_over();
    return NULL;
}

static uint64_t steps_of_add;

static void probe(uint64_t number) {
    (void)number;
    processor_is(0);
    add(EARLIER);
    pace_count_steps(STEP_LIMIT, endless_add);
    counter_add(now.counter, EARLIER);
    steps_of_add = pace_steps();
    pace_count_steps(0, NULL);
}

/* One after another, so that each finds what those before it have left half done. */
static void stop_many(uint64_t before_end) {
    for (struct parker *p = parkers; p < parkers + MANY; p++) {
        one_thread(probe, 0);
        *p = (struct parker){.place = PACE_PLACE};
        p->step = steps_of_add > before_end ? steps_of_add - before_end : 1;
        p->thread = gate_thread(add_and_park, p);
        p->parked = pace_wait_parked(&p->place);
    }
}

static void try_many_at(uint64_t before_end) {
    now.counter = new_counter();
    now.call = OF_MANY;
    add(EARLIER);
    stop_many(before_end);
    add(OF_MAIN);
    one_thread(come_new, 0);
    for (struct parker *p = parkers; p < parkers + MANY; p++) {
        if (p->parked) pace_release(&p->place, 0);
        pthread_join(p->thread, NULL);
    }
    runs[run_count++] = (struct run){.call = OF_MANY, .parked_at = before_end, .after = read_now()};
    counter_free(now.counter);
}

void paused(uint64_t seed) {
    (void)seed; /* nothing is left to chance: every step is tried */
    for (enum call call = FIRST_ADD; call <= READ; call++) {
        for (uint64_t k = 1; k <= MAX_POINTS && try_at(call, k); k++)
            if (k % 64 == 0) evidence_progress();
        evidence_progress();
    }
    for (uint64_t k = 0; k < MANY_POINTS; k++) try_many_at(k), evidence_progress();
    report();
}
