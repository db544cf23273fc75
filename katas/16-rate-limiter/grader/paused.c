/* SPDX-License-Identifier: MIT */
/* paused.c -- a thread that stops anywhere inside limiter_allow stops no key whose bucket is not full.
 *
 *   paused
 *
 * There are KNOWN keys that owe, and as many that are full again. Thread A stops at its k-th step, for every k there
 * is, inside a call for one that owes; for a new key, with room; for a new one that takes the place of a full one; and
 * for one that finds no room. Meanwhile the main thread asks for all that owe. Then A goes on, and what is left in each
 * bucket is counted.
 *
 * Evidence: the rows `runs`; `overrun_in`, the call that A was stopped in, if a call of the main thread did not end
 * within STEP_LIMIT steps of its own. */
#include <pthread.h>
#include <stddef.h>

#include "driver.h"
#include "evidence.h"
#include "gate.h"
#include "pace.h"

#define KNOWN 3
#define BURST 10
#define STEP_LIMIT 20000
#define MAX_POINTS 600
#define SECOND UINT64_C(1000000000)
#define NOW (2 * SECOND)
#define NEW_KEY 1000
#define FULL_KEY 100

enum call { OWING = 1, WITH_ROOM, IN_PLACE, NO_ROOM, CALLS };

/* `between`: how many of the calls meanwhile were allowed; `owing`: what all keys that owe got together at NOW;
 * `answered`: A's own. */
EVIDENCE_ROW(run, call, parked_at, between, owing, answered);

static struct {
    struct limiter *limiter;
    enum call call;
    uint64_t k, answered;
    struct pace_place place;
} now = {.place = PACE_PLACE};

static struct run runs[CALLS * MAX_POINTS];
static size_t run_count;

static void report(void) {
    evidence_rows("runs", run, runs, run_count);
}

static void overrun(void) {
    report();
    evidence_count("overrun_in", now.call);
    evidence_end();
}

static uint64_t ask(uint64_t key) {
    pace_count_steps(STEP_LIMIT, overrun);
    bool allowed = limiter_allow(now.limiter, key, 1, NOW, NULL);
    pace_count_steps(0, NULL);
    return allowed;
}

static void *call_and_park(void *unused) {
    pace_park_at(&now.place, now.k);
    now.answered = limiter_allow(now.limiter, now.call == OWING ? 0 : NEW_KEY, 1, NOW, NULL);
    pace_park_over();
    return unused;
}

/* Those that owe took one token half a second ago; the full ones did long before. */
static void prepare(enum call call) {
    now.limiter = new_limiter(1, BURST, 2 * KNOWN + (call == WITH_ROOM));
    for (uint64_t key = 0; key < KNOWN; key++) limiter_allow(now.limiter, FULL_KEY + key, 1, 0, NULL);
    for (uint64_t key = 0; key < KNOWN; key++) limiter_allow(now.limiter, key, 1, NOW - SECOND / 2, NULL);
    for (uint64_t key = 0; call == NO_ROOM && key < KNOWN; key++)
        limiter_allow(now.limiter, FULL_KEY + key, 1, NOW, NULL);
}

/* false: the call has fewer than k steps. */
static bool try_at(enum call call, uint64_t k) {
    prepare(call);
    now.call = call, now.k = k, now.answered = 0;
    pthread_t a = gate_thread(call_and_park, NULL);
    bool parked = pace_wait_parked(&now.place);
    struct run run = {.call = call, .parked_at = k};
    for (uint64_t key = 0; parked && key < KNOWN; key++) run.between += ask(key);
    if (parked) pace_release(&now.place, 0);
    pthread_join(a, NULL);
    run.answered = now.answered;
    run.owing = run.between + (call == OWING ? run.answered : 0);
    for (uint64_t key = 0; key < KNOWN; key++)
        for (int i = 0; i < BURST; i++) run.owing += ask(key);
    if (parked) runs[run_count++] = run;
    limiter_free(now.limiter);
    return parked;
}

void paused(uint64_t seed) {
    (void)seed; /* nothing is left to chance: every step is tried */
    for (enum call call = OWING; call < CALLS; call++) {
        for (uint64_t k = 1; k <= MAX_POINTS && try_at(call, k); k++)
            if (k % 16 == 0) evidence_progress();
        evidence_progress();
    }
    report();
}
