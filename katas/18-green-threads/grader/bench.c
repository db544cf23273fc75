/* SPDX-License-Identifier: MIT */
/* bench.c -- a fixed amount of work, timed from outside.
 *
 *   bench  work, rounds, workers
 *
 * work 0: two threads hand a number to and fro; 1: threads yield; 2: a thread is started and joined, again
 * and again. Evidence: `done`, the rounds. */
#include "driver.h"

#include "evidence.h"
#include "scenario.h"

enum { YIELDING = 4 };

static uint64_t rounds, done;
static struct chan *there, *back;

static void answer(void *arg) {
    uint64_t number;
    (void)arg;
    while (chan_receive(there, &number)) chan_send(back, number + 1);
}

static void hand_to_and_fro(void) {
    there = new_channel(1), back = new_channel(1);
    struct green *other = go(answer, NULL);
    while (done < rounds) {
        chan_send(there, done);
        if (!chan_receive(back, &done)) break;
    }
    chan_close(there);
    green_join(other);
    chan_free(there), chan_free(back);
}

static void yield_often(void *arg) {
    uint64_t own = 0;
    for (; own < rounds / YIELDING; own++) green_yield();
    *(uint64_t *)arg = own;
}

static void yield_together(void) {
    struct green *threads[YIELDING];
    uint64_t counts[YIELDING];
    for (int i = 0; i < YIELDING; i++) threads[i] = go(yield_often, &counts[i]);
    for (int i = 0; i < YIELDING; i++) {
        green_join(threads[i]);
        done += counts[i];
    }
}

static void count(void *arg) {
    (void)arg;
    done++;
}

static void first(void *arg) {
    (void)arg;
    uint64_t work = scenario_param("work");
    if (work == 0) hand_to_and_fro();
    if (work == 1) yield_together();
    for (uint64_t i = 0; work == 2 && i < rounds; i++) green_join(go(count, NULL));
}

void bench(uint64_t seed) {
    (void)seed;
    rounds = scenario_param("rounds");
    run_green(scenario_param("workers"), first);
    evidence_count("done", done);
}
