/* SPDX-License-Identifier: MIT */
/* lives.c -- see lives.h. */
#include "lives.h"

#include "answers.h"
#include "choice.h"
#include "life.h"
#include "shrink.h"
#include "trace.h"

#include <string.h>

bool lives_play(uint64_t seed) {
    answers_from_seed(seed);
    return life_play();
}

static const char *broken;

static bool fails_alike(uint64_t *calls) {
    answers_from_script();
    bool failed = life_play();
    *calls = world_calls;
    return failed && strcmp(failure.rule.rule, broken) == 0;
}

static uint8_t half(uint8_t taken) {
    return taken / 2;
}

static const struct shrinker shrinker = {
    .fails_alike = fails_alike, .lower = half, .all_at_once = true, .max_tries = 1500, .max_cost = 600000};

void lives_shrink(void) {
    broken = failure.rule.rule;
    bool costs_seconds = strcmp(failure.verdict, "livelock") == 0 ||
                         strcmp(failure.verdict, "floods") == 0; /* each time that it is tried: shown as it was found */
    if (record.count < MAX_CHOICES && !costs_seconds)
        shrink(&shrinker, world_calls);
    else
        script = record;
    answers_from_script();
    tracing = true;
    life_play();
    tracing = false;
}
