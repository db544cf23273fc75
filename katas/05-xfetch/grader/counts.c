/* SPDX-License-Identifier: MIT */
/* counts.c -- what a hit costs, in steps, on one thread.
 *
 *   counts  few, many
 *
 * A cache holds so many values, and has room for no more; a thousand of them are
 * asked for, far from their expiry. Keys are multiples of a large number: no
 * hash may rely on their lowest bits.
 *
 * Evidence: `steps_few` and `steps_many`, per hundred hits; `loads`, by those
 * hits; `overrun`: 1 if a get went beyond STEP_LIMIT; what comes after it is 0. */
#include "driver.h"

#include "evidence.h"
#include "pace.h"
#include "scenario.h"

#define HITS 1000
#define STEP_LIMIT 20000

static uint64_t steps[2], loads, overrun;

static void report(void) {
    evidence_count("steps_few", steps[0]);
    evidence_count("steps_many", steps[1]);
    evidence_count("loads", loads);
    evidence_count("overrun", overrun);
}

static void give_up(void) {
    overrun = 1;
    report();
    evidence_end();
}

static uint64_t key_of(uint64_t number) {
    return (number + 1) << 20;
}

static uint64_t steps_per_hundred(uint64_t values) {
    struct world w = {.now_s = 1000, .load_s = 0.001, .ttl_s = 1e9};
    struct xfetch_cache *cache = new_cache(values, 1, world_env(&w));
    uint64_t value, sum = 0;
    for (uint64_t i = 0; i < values; i++) {
        pace_count_steps(100 * STEP_LIMIT, give_up); /* a first load may sweep through the table */
        (void)xfetch_get(cache, key_of(i), &value);
        pace_count_steps(0, NULL);
        if (i % 1024 == 0) evidence_progress();
    }
    uint64_t before = w.loads;
    for (uint64_t i = 0; i < HITS; i++) {
        uint64_t key = key_of(i * 7919 % values);
        pace_count_steps(STEP_LIMIT, give_up);
        (void)xfetch_get(cache, key, &value);
        sum += pace_steps();
        pace_count_steps(0, NULL);
    }
    loads += w.loads - before;
    xfetch_free(cache);
    return sum * 100 / HITS;
}

void counts(uint64_t seed) {
    (void)seed; /* counts do not depend on chance */
    steps[0] = steps_per_hundred(scenario_param("few"));
    steps[1] = steps_per_hundred(scenario_param("many"));
    report();
}
