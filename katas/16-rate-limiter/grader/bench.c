/* SPDX-License-Identifier: MIT */
/* bench.c -- a fixed amount of calls, timed from outside.
 *
 *   bench  threads, calls (each), keys
 *   cost   the same, for the lab
 *
 * Three of four calls are for keys that have enough, the fourth is for one that has nothing left. The time moves on
 * with the calls, and too slowly to matter.
 *
 * Evidence: `allowed`, by both limiters; of cost `cpu_us`, the CPU time of the whole process. */
#include <stdatomic.h>
#include <time.h>

#include "crew.h"
#include "driver.h"
#include "evidence.h"
#include "rng.h"
#include "scenario.h"

#define NOW_NS UINT64_C(1764000000000000000)
#define FEW 8

static struct {
    uint64_t calls, keys;
    struct limiter *rich, *poor;
    _Atomic uint64_t allowed;
} b;

static void work(uint64_t me) {
    struct rng rng = rng_new(1, me);
    uint64_t allowed = 0, retry;
    for (uint64_t i = 0; i < b.calls; i++) {
        uint64_t number = rng_next(&rng);
        if (i % 4 == 3)
            allowed += limiter_allow(b.poor, number % FEW, 1, NOW_NS, &retry);
        else
            allowed += limiter_allow(b.rich, number % b.keys * 7919, 1, NOW_NS + i, &retry);
    }
    atomic_fetch_add(&b.allowed, allowed);
}

static void ask_all(void) {
    uint64_t threads = scenario_param("threads");
    b.calls = scenario_param("calls");
    b.keys = scenario_param("keys");
    b.rich = new_limiter(1000, threads * b.calls, b.keys);
    b.poor = new_limiter(1, 1, FEW);
    crew_join(crew_start(threads, work));
    evidence_count("allowed", b.allowed);
    limiter_free(b.rich), limiter_free(b.poor);
}

void bench(uint64_t seed) {
    (void)seed; /* the same work every time */
    ask_all();
}

void cost(uint64_t seed) {
    (void)seed;
    struct timespec used;
    ask_all();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    evidence_count("cpu_us", (uint64_t)used.tv_sec * 1000000 + (uint64_t)used.tv_nsec / 1000);
}
