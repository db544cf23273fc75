/* SPDX-License-Identifier: MIT */
/* search.c -- see search.h. Shrinking zeroes, removes and lowers choices. */
#include "search.h"

#include "choice.h"
#include "life.h"
#include "trace.h"

#include <string.h>
#include <time.h>

enum { MAX_TRIES = 1500, MAX_CALLS = 600000 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

bool search_lives(struct search *s) {
    double end = now() + s->seconds;
    for (s->done = 0; s->done < s->executions; s->done++) {
        if (s->done % 16 == 15 && now() > end) return false;
        choices_from_seed(s->seed + s->done);
        if (life_play(s->run)) {
            s->done++;
            return true;
        }
    }
    return false;
}

static struct choices best;
static uint64_t best_calls, calls;
static char rule[40];
static int tries;
static void (*scenario)(void);

static void keep(void) {
    memcpy(&best, &record, sizeof best);
    best_calls = world_calls;
}

static uint32_t weight(const struct choices *c) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < c->count; i++) sum += c->taken[i];
    return sum;
}

static bool exhausted(void) {
    return tries >= MAX_TRIES || calls >= MAX_CALLS;
}

static bool same_failure(void) {
    return failure.failed && strcmp(failure.rule.rule, rule) == 0;
}

static bool try_script(void) {
    if (exhausted()) return false;
    choices_from_script();
    life_play(scenario);
    tries++, calls += world_calls;
    if (!same_failure()) return false;
    uint32_t new = weight(&record), old = weight(&best);
    if (new > old || (new == old && world_calls >= best_calls)) return false;
    keep();
    return true;
}

static void script_from_best(void) {
    memcpy(&script, &best, sizeof script);
}

static bool zero(uint32_t start, uint32_t length) {
    script_from_best();
    bool any = false;
    for (uint32_t i = start; i < start + length && i < script.count; i++)
        any |= script.taken[i] != 0, script.taken[i] = 0;
    return any && try_script();
}

static bool cut(uint32_t start, uint32_t length) {
    if (start + length > best.count) return false;
    script_from_best();
    memmove(script.taken + start, script.taken + start + length, script.count - start - length);
    script.count -= length;
    return try_script();
}

static bool lower(uint32_t at) {
    if (at >= best.count || best.taken[at] < 2) return false;
    script_from_best();
    script.taken[at] /= 2;
    return try_script();
}

static bool pass(uint32_t length) {
    bool changed = false;
    for (uint32_t at = 0; at < best.count && !exhausted(); at += length) changed |= zero(at, length);
    for (uint32_t at = 0; length <= 4 && at < best.count && !exhausted(); at++)
        if (best.taken[at]) changed |= cut(at, length) || lower(at);
    return changed;
}

void shrink(void (*run)(void)) {
    scenario = run;
    strncpy(rule, failure.rule.rule, sizeof rule - 1);
    bool replayable = record.count < MAX_CHOICES;
    keep();
    for (bool changed = replayable; changed && !exhausted();) {
        changed = false;
        for (uint32_t length = best.count; length; length /= 2) changed |= pass(length);
    }
    script_from_best();
    choices_from_script();
    tracing = true;
    life_play(run);
    tracing = false;
}
