/* SPDX-License-Identifier: MIT
 *
 * modes.c -- seeds one after another, or the whole tree. */
#include "modes.h"

#include "driver.h"
#include "execution.h"
#include "exhaustive.h"
#include "explain.h"
#include "findings.h"
#include "progress.h"
#include "schedule.h"
#include "script.h"
#include "search.h"
#include "strategy.h"
#include "verdict.h"

#include <stdio.h>

enum {
    CALIBRATIONS = 8,
    MEAN_STEPS = 100 /* an exhaustive search of longer executions ends after fewer of them */
};

static const uint64_t calibration_seed = (uint64_t)1 << 60; /* uniform ones are odd */

static struct result *result;
static uint64_t most_steps; /* of an exhaustive search */

/* True: enough has been found. */
static bool play(choice_source source, uint64_t seed) {
    bool failed = execute(source);
    result->executions++;
    result->steps += progress.steps;
    result->dropped += driver_dropped();
    /* Further ones would only be met again: they need not be told from what ends late. */
    if (failed && verdict.kind == VERDICT_LIVELOCK) schedule_patience = STEP_LIMIT;
    return findings_take(seed, failed);
}

static void calibrate(void) {
    uint32_t most = 0;
    for (uint64_t i = 0; i < CALIBRATIONS; i++) {
        strategy_begin(calibration_seed + 16 * i + 1);
        if (execute(answer_from_seed) && verdict.timed) break;
        if (verdict.kind == VERDICT_PASS && progress.thread_choices > most) most = progress.thread_choices;
    }
    strategy_calibrate(most);
}

static bool play_seed(uint64_t seed) {
    strategy_begin(seed);
    return play(answer_from_seed, seed);
}

static void search_with(const struct options *options, bool (*play_one)(uint64_t), uint64_t first_seed) {
    struct search seeds = {
        .play = play_one,
        .first_seed = first_seed,
        .executions = options->executions,
        .seconds = (double)options->seconds,
    };
    search(&seeds);
    result->out_of_time = seeds.out_of_time && !findings_nearest();
    if (!findings_nearest() && result->executions && result->dropped == result->executions)
        verdict_note(VERDICT_LIMIT, "explore_assume held in none of the %lu executions, so they have shown nothing",
                     (unsigned long)result->executions);
}

static void search_seeds(const struct options *options) {
    calibrate();
    search_with(options, play_seed, options->first_seed);
    const struct finding *found = findings_nearest();
    if (!found) return;
    snprintf(result->seed, sizeof result->seed, "%lx", (unsigned long)found->seed);
    result->strategy = strategy_name(found->seed);
}

static void replay_script(void) {
    result->strategy = "script";
    play(answer_from_script, 0);
}

void search_randomly(const struct options *options, struct result *of_search) {
    result = of_search;
    snprintf(result->seed, sizeof result->seed, "%s", options->seed);
    if (options->seed_is_script)
        replay_script();
    else
        search_seeds(options);
    if (findings_nearest()) explain(result, findings_nearest());
}

static bool play_next(uint64_t number) {
    (void)number;
    exhaustive_restart();
    if (play(answer_exhaustively, 0)) return true;
    result->complete = !exhaustive_next();
    return result->complete || result->steps >= most_steps;
}

void search_exhaustively(const struct options *options, struct result *of_search) {
    result = of_search;
    result->max_preemptions = (int)options->max_preemptions;
    most_steps = options->executions * MEAN_STEPS;
    exhaustive_begin(options->max_preemptions);
    search_with(options, play_next, 0);
    const struct finding *found = findings_nearest();
    if (!found) return;
    script_print(&found->choices, result->seed, sizeof result->seed);
    result->strategy = "exhaustive";
    verdict = found->verdict;
    if (verdict.kind != VERDICT_NOT_DETERMINISTIC && verdict.kind != VERDICT_LIMIT) explain(result, found);
}
