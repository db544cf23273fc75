/* SPDX-License-Identifier: MIT */
/* counts.c -- what a hit costs, in steps, on one thread.
 *
 *   counts  few, many
 *
 * A cache holds so many values, and has room for no more; a thousand of them are
 * asked for, far from their expiry. Keys are multiples of a large number: no
 * hash may rely on their lowest bits.
 *
 * Evidence: the rows `costs`; `loads`, by those hits. Until the cache holds all its
 * values, a get is a phase of its own: a first load may sweep through the table. */
#include "driver.h"

#include "costs.h"
#include "evidence.h"
#include "scenario.h"

#define HITS 1000
#define STEP_LIMIT 20000

enum phase { HIT, FILL };

static uint64_t loads;

static uint64_t key_of(uint64_t number) {
    return (number + 1) << 20;
}

static void count_hits(uint64_t values) {
    struct world w = {.now_s = 1000, .load_s = 0.001, .ttl_s = 1e9};
    struct xfetch_cache *cache = new_cache(values, 1, world_env(&w));
    uint64_t value;
    for (uint64_t i = 0; i < values; i++) {
        cost_begin(FILL, values, 1, 100 * STEP_LIMIT);
        (void)xfetch_get(cache, key_of(i), &value);
        cost_end();
        if (i % 1024 == 0) evidence_progress();
    }
    uint64_t before = w.loads;
    for (uint64_t i = 0; i < HITS; i++) {
        uint64_t key = key_of(i * 7919 % values);
        cost_begin(HIT, values, 1, STEP_LIMIT);
        (void)xfetch_get(cache, key, &value);
        cost_end();
    }
    loads += w.loads - before;
    xfetch_free(cache);
}

void counts(uint64_t seed) {
    (void)seed; /* counts do not depend on chance */
    count_hits(scenario_param("few"));
    count_hits(scenario_param("many"));
    costs_report();
    evidence_count("loads", loads);
}
