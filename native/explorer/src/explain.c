/* SPDX-License-Identifier: MIT
 *
 * explain.c -- how executions shrink here, and the last two runs of a failure. */
#include "explain.h"

#include "dies.h"
#include "execution.h"
#include "kinds.h"
#include "owners.h"
#include "progress.h"
#include "schedule.h"
#include "script.h"
#include "shrink.h"
#include "subject.h"
#include "thread.h"
#include "trace.h"
#include "verdict.h"

#include <stdio.h>
#include <string.h>

static const uint8_t kinds[] = {CHOOSE_STORE,          CHOOSE_SPURIOUS_CAS, CHOOSE_SPURIOUS_WAKE,
                                CHOOSE_TIMEOUT,        CHOOSE_REUSE,        CHOOSE_MALLOC_FAILURE,
                                CHOOSE_THREAD_FAILURE, CHOOSE_LAG,          CHOOSE_MOVE};

static struct verdict first; /* as the search found it */

static bool fails_alike(uint64_t *steps) {
    bool failed = execute(answer_from_script);
    *steps = progress.steps;
    return failed && verdict.kind == first.kind;
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

/* What failed has failed, since every execution is one that C11 allows; only a clock may have been wrong. It is told as
 * it was found, without the steps of an execution that did not fail. */
static void tell_without_trace(void) {
    static const char why[] =
        "the same choices made again did not fail: something that the explorer does not choose, such "
        "as the number of a processor or a time stamp, decides what the program does";
    trace_reset();
    verdict_reset();
    if (first.timed) {
        verdict_note(VERDICT_NOT_DETERMINISTIC, "%s", why);
        return;
    }
    verdict = first;
    size_t length = strlen(verdict.message);
    snprintf(verdict.message + length, sizeof verdict.message - length, "; %s", why);
}

/* Runs the script twice: once to learn which steps matter, once to write them down. */
static void trace_script(struct result *result) {
    trace_forget_marks();
    bool failed = first.timed || execute(answer_from_script);
    dies_read(subject.path);
    if (!first.timed) owners_learn();
    tracing = true;
    bool again = execute(answer_from_script);
    tracing = false;
    result->preemptions = progress.preemptions;
    result->threads = thread_count;
    if (!failed || !again) tell_without_trace();
}

void explain(struct result *result, const struct finding *found) {
    first = found->verdict;
    doubtful = first.kind == VERDICT_UNINITIALIZED_READ;
    if (first.kind == VERDICT_LIVELOCK) schedule_patience = STEP_LIMIT;
    record = script = found->choices;
    if (!first.timed) shrink(&shrinker, found->steps);
    trace_script(result);
}
