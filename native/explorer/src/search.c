/* SPDX-License-Identifier: MIT
 *
 * search.c -- seeds one after another, or the whole tree. */
#include "search.h"

#include "execution.h"
#include "exhaustive.h"
#include "schedule.h"
#include "shrink.h"
#include "strategy.h"
#include "thread.h"
#include "trace.h"
#include "verdict.h"

#include <stdio.h>
#include <time.h>

enum {
    CALIBRATIONS = 8,
    MEAN_STEPS = 100 /* an exhaustive search of longer executions ends after fewer of them */
};

static const uint64_t calibration_seed = (uint64_t)1 << 60; /* uniform ones are odd */

static time_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

/* A slow machine, or a large subject, is explored less far: what was covered is part of the result. */
static time_t deadline(const struct options *options) {
    return options->seconds ? now() + (time_t)options->seconds : 0;
}

static bool is_over(time_t end) {
    return end && now() >= end;
}

static void calibrate(void (*scenario)(void)) {
    uint32_t most = 0;
    for (uint64_t i = 0; i < CALIBRATIONS; i++) {
        strategy_begin(calibration_seed + 16 * i + 1);
        if (execute(scenario, answer_from_seed) && verdict.timed) break;
        if (verdict.kind == VERDICT_PASS && schedule.thread_choices > most) most = schedule.thread_choices;
    }
    strategy_calibrate(most);
}

/* Runs the script twice: once to learn which steps matter, once to write them down. */
static void trace_script(void (*scenario)(void), struct result *result) {
    trace_forget_marks();
    bool failed = verdict.timed || execute(scenario, answer_from_script);
    tracing = true;
    bool again = execute(scenario, answer_from_script);
    tracing = false;
    result->preemptions = schedule.preemptions;
    result->threads = thread_count;
    if (failed && again) return;
    verdict_reset();
    verdict_note(VERDICT_NOT_DETERMINISTIC,
                 "an execution failed, and the same choices made again did not: the scenario depends on "
                 "something outside");
}

static void explain(void (*scenario)(void), struct result *result) {
    if (verdict.timed)
        script = record;
    else
        shrink(scenario);
    trace_script(scenario, result);
}

static void replay_script(void (*scenario)(void), struct result *result) {
    bool failed = execute(scenario, answer_from_script);
    result->executions = 1;
    result->steps = schedule.steps;
    if (failed) explain(scenario, result);
}

void search_randomly(void (*scenario)(void), const struct options *options, struct result *result) {
    snprintf(result->seed, sizeof result->seed, "%s", options->seed);
    if (options->seed_is_script) {
        result->strategy = "script";
        replay_script(scenario, result);
        return;
    }
    calibrate(scenario);
    time_t end = deadline(options);
    for (uint64_t i = 0; i < options->executions && !is_over(end); i++) {
        uint64_t seed = options->first_seed + i;
        strategy_begin(seed);
        bool failed = execute(scenario, answer_from_seed);
        result->executions++;
        result->steps += schedule.steps;
        if (!failed) continue;
        snprintf(result->seed, sizeof result->seed, "%lx", (unsigned long)seed);
        result->strategy = strategy_name(seed);
        explain(scenario, result);
        return;
    }
}

static void report_exhaustive(void (*scenario)(void), struct result *result) {
    script_print(&record, result->seed, sizeof result->seed);
    result->strategy = "exhaustive";
    if (verdict.kind != VERDICT_NOT_DETERMINISTIC && verdict.kind != VERDICT_LIMIT) explain(scenario, result);
}

void search_exhaustively(void (*scenario)(void), const struct options *options, struct result *result) {
    result->max_preemptions = (int)options->max_preemptions;
    exhaustive_begin(options->max_preemptions);
    time_t end = deadline(options);
    do {
        exhaustive_restart();
        bool failed = execute(scenario, answer_exhaustively);
        result->executions++;
        result->steps += schedule.steps;
        if (failed) {
            report_exhaustive(scenario, result);
            return;
        }
        result->complete = !exhaustive_next();
    } while (!result->complete && result->executions < options->executions &&
             result->steps < options->executions * MEAN_STEPS && !is_over(end));
}
