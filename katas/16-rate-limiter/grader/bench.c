/* SPDX-License-Identifier: MIT */
/* bench.c -- a fixed amount of calls, timed from outside.
 *
 *   bench  threads, calls (each), keys
 *   cost   the same, for the lab
 *
 * Three of four calls are for keys that have enough, the fourth is for one that has nothing left. The time moves on
 * with the calls, and too slowly to matter.
 *
 * Evidence: `allowed`, by both limiters; `wrong`, buckets of some keys that did not hold at the end what nobody has
 * taken; of cost `cpu_us`, the CPU time of the whole process. */
#include <stdatomic.h>
#include <time.h>

#include "crew.h"
#include "driver.h"
#include "evidence.h"
#include "graders_own.h"
#include "rng.h"
#include "scenario.h"

#define NOW_NS UINT64_C(1764000000000000000)
#define RATE 1000
#define FEW 8
#define COUNTED 16 /* keys */
#define THREADS_MAX 16

static struct {
    struct limiter *rich, *poor;
} b;

/* A thread writes in its own place, at each call. */
static GRADERS_OWN struct {
    uint64_t calls, keys;
    struct tally {
        uint64_t allowed, taken[COUNTED];
    } of[THREADS_MAX];
} own_counts;

static void work(uint64_t me) {
    struct rng rng = rng_new(1, me);
    struct tally OWN *mine = own_at(&own_counts.of[me]);
    uint64_t retry;
    for (uint64_t i = 0; i < own_counts.calls; i++) {
        uint64_t number = rng_next(&rng), key = number % own_counts.keys;
        bool allowed = i % 4 == 3 ? limiter_allow(b.poor, number % FEW, 1, NOW_NS, &retry)
                                  : limiter_allow(b.rich, key * 7919, 1, NOW_NS + i, &retry);
        mine->allowed += allowed;
        if (i % 4 != 3 && key < COUNTED) mine->taken[key] += allowed;
    }
}

/* A token more than is there, at most, is refused; and what is there at least is not. */
static bool holds(uint64_t key, uint64_t burst, uint64_t threads) {
    uint64_t taken = 0, now = NOW_NS + own_counts.calls, came = RATE * own_counts.calls / 1000000000 + 1;
    for (uint64_t i = 0; i < threads; i++) taken += own_counts.of[i].taken[key];
    uint64_t most = taken < came ? burst : burst - taken + came;
    return !limiter_allow(b.rich, key * 7919, most + 1, now, NULL) &&
           limiter_allow(b.rich, key * 7919, burst - taken, now, NULL);
}

static void ask_all(void) {
    uint64_t threads = scenario_param("threads"), calls = scenario_param("calls"), keys = scenario_param("keys");
    uint64_t burst = threads * calls, allowed = 0, wrong = 0;
    own_store(&own_counts.calls, calls), own_store(&own_counts.keys, keys);
    b.rich = new_limiter(RATE, burst, keys);
    b.poor = new_limiter(1, 1, FEW);
    crew_join(crew_start(threads, work));
    for (uint64_t i = 0; i < threads; i++) allowed += own_counts.of[i].allowed;
    for (uint64_t key = 0; key < COUNTED; key++) wrong += !holds(key, burst, threads);
    evidence_count("allowed", allowed);
    evidence_count("wrong", wrong);
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
