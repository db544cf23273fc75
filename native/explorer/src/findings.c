/* SPDX-License-Identifier: MIT
 *
 * findings.c -- ranks failures, and says when there have been enough executions after the first. */
#include "findings.h"

#include "progress.h"

#include <string.h>

enum {
    FURTHER_STEPS = 500000, /* of all executions after the first failure; a fraction of a second */
    SLOW_STEPS = 250000     /* what an execution counts for that was ended by the clock or by a limit */
};

/* How near a failure is to its cause. */
enum distance { ASKED_FOR, THE_CAUSE, ITS_EFFECT, NO_PROGRESS, NO_END, NOT_THE_PROGRAMS };

static const enum distance distances[VERDICT_KINDS] = {
    [VERDICT_RACE] = THE_CAUSE,
    [VERDICT_USE_AFTER_FREE] = THE_CAUSE,
    [VERDICT_USE_AFTER_RETURN] = THE_CAUSE,
    [VERDICT_UNINITIALIZED_READ] = THE_CAUSE,
    [VERDICT_DOUBLE_FREE] = THE_CAUSE,
    [VERDICT_BAD_FREE] = THE_CAUSE,
    [VERDICT_OUT_OF_BOUNDS] = THE_CAUSE,
    [VERDICT_MISUSE] = THE_CAUSE,
    [VERDICT_CRASH] = ITS_EFFECT,
    [VERDICT_PROPERTY] = ITS_EFFECT,
    [VERDICT_ASSERTION] = ITS_EFFECT,
    [VERDICT_NOT_LINEARIZABLE] = ITS_EFFECT,
    [VERDICT_BLOCKED_BY_PARKED_THREAD] = ITS_EFFECT,
    [VERDICT_DEADLOCK] = NO_PROGRESS,
    [VERDICT_ALL_ASLEEP] = NO_PROGRESS,
    [VERDICT_LEAK] = NO_PROGRESS,
    [VERDICT_THREAD_LEAK] = NO_PROGRESS,
    [VERDICT_LIVELOCK] = NO_END,
    [VERDICT_UNKNOWN_SYMBOL] = NOT_THE_PROGRAMS,
    [VERDICT_LIMIT] = NOT_THE_PROGRAMS,
    [VERDICT_NOT_DETERMINISTIC] = NOT_THE_PROGRAMS,
};

static bool asked_for[VERDICT_KINDS];
static bool any_asked_for;
static struct finding nearest;
static uint64_t executions, further_steps, counts[VERDICT_KINDS];

static bool ask_one(const char *name, size_t length) {
    for (int kind = VERDICT_RACE; kind < VERDICT_KINDS; kind++) {
        const char *known = verdict_name((enum verdict_kind)kind);
        if (strlen(known) != length || strncmp(known, name, length)) continue;
        return asked_for[kind] = any_asked_for = true;
    }
    return false;
}

bool findings_ask_for(const char *names) {
    for (size_t length; *names; names += length + (names[length] == ',')) {
        length = strcspn(names, ",");
        if (!ask_one(names, length)) return false;
    }
    return true;
}

/* Races that end no execution are told at the end: what comes of them first. */
static enum distance distance_of(enum verdict_kind kind) {
    if (plain_steps && kind == VERDICT_RACE && !asked_for[kind]) return NO_END;
    return asked_for[kind] ? ASKED_FOR : distances[kind];
}

static uint64_t weight(bool failed) {
    return failed && (verdict.timed || verdict.kind == VERDICT_LIMIT) ? SLOW_STEPS : progress.steps;
}

static void keep(uint64_t seed) {
    nearest.verdict = verdict;
    nearest.execution = executions;
    nearest.seed = seed;
    nearest.steps = progress.steps;
    nearest.choices.count = record.count;
    memcpy(nearest.choices.taken, record.taken, record.count);
    memcpy(nearest.choices.kind, record.kind, record.count);
}

bool findings_take(uint64_t seed, bool failed) {
    bool first = nearest.verdict.kind == VERDICT_PASS;
    executions++;
    if (!first) further_steps += weight(failed);
    if (failed) {
        counts[verdict.kind]++;
        if (first || distance_of(verdict.kind) < distance_of(nearest.verdict.kind)) keep(seed);
        if (verdict.kind == VERDICT_NOT_DETERMINISTIC) return true;
        if (distance_of(verdict.kind) <= (any_asked_for ? ASKED_FOR : THE_CAUSE)) return true;
    }
    return further_steps >= FURTHER_STEPS;
}

const struct finding *findings_nearest(void) {
    return nearest.verdict.kind == VERDICT_PASS ? NULL : &nearest;
}

uint64_t findings_count(enum verdict_kind kind) {
    return counts[kind];
}
