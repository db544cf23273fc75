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
#include "sleep_set.h"
#include "strategy.h"
#include "verdict.h"

#include <stdio.h>

enum {
    CALIBRATIONS = 8,
    LAST_STEP = 3,   /* of preemptions, before as many as asked for, or any number */
    MEAN_STEPS = 100 /* an exhaustive search of longer executions ends after fewer of them */
};

static const uint64_t calibration_seed = (uint64_t)1 << 60; /* uniform ones are odd */

static struct result *result;
static uint64_t most_steps; /* of an exhaustive search */
static struct bounds walk, most;

/* True: enough has been found. */
static bool play(choice_source source, uint64_t seed) {
    bool failed = execute(source);
    if (progress.repeats)
        result->cut++;
    else
        result->executions++;
    result->steps += progress.steps;
    result->dropped += driver_dropped();
    /* Further ones would only be met again: they need not be told from what ends late. */
    if (failed && verdict.kind == VERDICT_LIVELOCK) schedule_patience = STEP_LIMIT;
    return !progress.repeats && findings_take(seed, failed);
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

static void begin_walk(struct bounds bounds) {
    walk = bounds;
    result->covered = 0;
    exhaustive_begin(walk);
}

/* An exhaustive search is several walks, one deeper than the other, so that the failure that is found first is a simple
 * one: more and more preemptions, then older values as well. False: the last one has left nothing out that was asked
 * for. */
static bool deepen(void) {
    struct reached reached = exhaustive_reached();
    if (walk.preemptions != most.preemptions && reached.preemptions)
        begin_walk((struct bounds){walk.preemptions == LAST_STEP ? most.preemptions : walk.preemptions + 1, 0});
    else if (walk.older_values != ANY_NUMBER && reached.older_values)
        begin_walk((struct bounds){most.preemptions, walk.older_values ? ANY_NUMBER : 1});
    else
        return false;
    return true;
}

static bool play_next(uint64_t number) {
    (void)number;
    exhaustive_restart();
    if (play(answer_exhaustively, 0)) return true;
    result->covered += !progress.repeats;
    result->complete = !exhaustive_next() && !deepen();
    return result->complete || result->steps >= most_steps;
}

void search_exhaustively(const struct options *options, struct result *of_search) {
    result = of_search;
    result->max_preemptions = (int)options->max_preemptions;
    most_steps = options->executions * MEAN_STEPS;
    most = (struct bounds){options->max_preemptions, ANY_NUMBER};
    begin_walk((struct bounds){0, 0});
    result->every_order = options->every_order;
    sleep_set_used = !options->every_order;
    search_with(options, play_next, 0);
    sleep_set_used = false;
    const struct finding *found = findings_nearest();
    if (!found) return;
    script_print(&found->choices, result->seed, sizeof result->seed);
    result->strategy = "exhaustive";
    verdict = found->verdict;
    if (verdict.kind != VERDICT_NOT_DETERMINISTIC && verdict.kind != VERDICT_LIMIT) explain(result, found);
}
