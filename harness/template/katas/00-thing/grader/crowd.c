/* SPDX-License-Identifier: MIT */
/* crowd.c -- many threads add at the same time.
 *
 *   crowd  threads, additions (each)
 *
 * Evidence: `sum`, when all threads have ended. */
#include "crew.h"
#include "driver.h"
#include "evidence.h"
#include "pace.h"
#include "scenario.h"

static struct {
    uint64_t seed, additions;
    struct thing *thing;
} c;

static void add(uint64_t number) {
    pace_unsteady(c.seed, number);
    for (uint64_t i = 0; i < c.additions; i++) thing_add(c.thing, 1);
}

void crowd(uint64_t seed) {
    c.seed = seed, c.additions = scenario_param("additions");
    c.thing = new_thing();
    crew_join(crew_start(scenario_param("threads"), add));
    evidence_count("sum", thing_sum(c.thing));
    thing_free(c.thing);
}
