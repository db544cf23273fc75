/* SPDX-License-Identifier: MIT
 *
 * explain.c -- how executions shrink here, and the last two runs of a failure. */
#include "explain.h"

#include "execution.h"
#include "kinds.h"
#include "progress.h"
#include "schedule.h"
#include "script.h"
#include "shrink.h"
#include "thread.h"
#include "trace.h"
#include "verdict.h"

static const uint8_t kinds[] = {CHOOSE_STORE, CHOOSE_SPURIOUS_CAS,   CHOOSE_SPURIOUS_WAKE,  CHOOSE_TIMEOUT,
                                CHOOSE_REUSE, CHOOSE_MALLOC_FAILURE, CHOOSE_THREAD_FAILURE, CHOOSE_LAG};

static enum verdict_kind first_kind;

static bool fails_alike(uint64_t *steps) {
    bool failed = execute(answer_from_script);
    *steps = progress.steps;
    return failed && verdict.kind == first_kind;
}

static uint8_t to_one(uint8_t taken) {
    (void)taken;
    return 1;
}

static const struct shrinker shrinker = {.fails_alike = fails_alike,
                                         .lower = to_one,
                                         .kinds = kinds,
                                         .kind_count = sizeof kinds,
                                         .max_tries = 2000,
                                         .max_cost = 2000000};

/* Runs the script twice: once to learn which steps matter, once to write them down. */
static void trace_script(struct result *result, bool timed) {
    trace_forget_marks();
    bool failed = timed || execute(answer_from_script);
    tracing = true;
    bool again = execute(answer_from_script);
    tracing = false;
    result->preemptions = progress.preemptions;
    result->threads = thread_count;
    if (failed && again) return;
    verdict_reset();
    verdict_note(VERDICT_NOT_DETERMINISTIC,
                 "an execution failed, and the same choices made again did not: the scenario depends on "
                 "something outside");
}

void explain(struct result *result, const struct finding *found) {
    first_kind = found->verdict.kind;
    if (first_kind == VERDICT_LIVELOCK) schedule_patience = STEP_LIMIT;
    record = script = found->choices;
    if (!found->verdict.timed) shrink(&shrinker, found->steps);
    trace_script(result, found->verdict.timed);
}
