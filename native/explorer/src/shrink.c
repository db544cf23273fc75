/* SPDX-License-Identifier: MIT
 *
 * shrink.c -- zeroes, removes and lowers choices while the same kind of failure remains. */
#include "shrink.h"

#include "execution.h"
#include "schedule.h"
#include "verdict.h"

#include <string.h>

enum { MAX_TRIES = 2000, MAX_STEPS = 2000000 };

static struct choices best;
static uint32_t best_steps;
static enum verdict_kind kind;
static void (*scenario)(void);
static int tries;
static uint64_t steps;

static void keep(void) {
    best.count = record.count;
    memcpy(best.taken, record.taken, record.count);
    memcpy(best.kind, record.kind, record.count);
    best_steps = schedule.steps;
}

static uint32_t weight(const struct choices *choices) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < choices->count; i++) sum += choices->taken[i];
    return sum;
}

static bool exhausted(void) {
    return tries >= MAX_TRIES || steps >= MAX_STEPS;
}

/* Runs `script`; keeps what it did if it fails alike and is simpler. */
static bool try_script(void) {
    if (exhausted()) return false;
    bool failed = execute(scenario, answer_from_script);
    tries++;
    steps += schedule.steps;
    if (!failed || verdict.kind != kind) return false;
    uint32_t new = weight(&record), old = weight(&best);
    if (new > old || (new == old && schedule.steps >= best_steps)) return false;
    keep();
    return true;
}

static void script_from_best(void) {
    script.count = best.count;
    memcpy(script.taken, best.taken, best.count);
}

static void zero_kind(enum choice_kind which) {
    script_from_best();
    bool any = false;
    for (uint32_t i = 0; i < best.count; i++)
        if (best.kind[i] == which && best.taken[i]) {
            script.taken[i] = 0;
            any = true;
        }
    if (any) try_script();
}

static bool zero_range(uint32_t start, uint32_t length) {
    script_from_best();
    bool any = false;
    for (uint32_t i = start; i < start + length && i < script.count; i++) {
        any |= script.taken[i] != 0;
        script.taken[i] = 0;
    }
    return any && try_script();
}

static bool remove_range(uint32_t start, uint32_t length) {
    if (start + length > best.count) return false;
    script_from_best();
    memmove(script.taken + start, script.taken + start + length, script.count - start - length);
    script.count -= length;
    return try_script();
}

static bool lower(uint32_t at) {
    if (at >= best.count || best.taken[at] < 2) return false;
    script_from_best();
    script.taken[at] = 1;
    return try_script();
}

static bool pass(uint32_t length) {
    bool changed = false;
    for (uint32_t at = 0; at < best.count && !exhausted(); at += length) changed |= zero_range(at, length);
    for (uint32_t at = 0; length <= 4 && at < best.count && !exhausted(); at++)
        if (best.taken[at]) changed |= remove_range(at, length) || lower(at);
    return changed;
}

void shrink(void (*failing_scenario)(void)) {
    static const enum choice_kind order[] = {CHOOSE_STORE, CHOOSE_SPURIOUS_CAS,   CHOOSE_SPURIOUS_WAKE, CHOOSE_TIMEOUT,
                                             CHOOSE_REUSE, CHOOSE_MALLOC_FAILURE, CHOOSE_THREAD_FAILURE};
    scenario = failing_scenario;
    kind = verdict.kind;
    tries = 0;
    steps = 0;
    keep();
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) zero_kind(order[i]);
    bool changed = true;
    while (changed && !exhausted()) {
        changed = false;
        for (uint32_t length = best.count / 2; length; length /= 2) changed |= pass(length);
    }
    script_from_best();
}
