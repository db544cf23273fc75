/* SPDX-License-Identifier: MIT
 *
 * execution.c -- resets everything, runs, and judges what remains. */
#include "execution.h"

#include "blocks.h"
#include "cells.h"
#include "crash.h"
#include "definedness.h"
#include "describe.h"
#include "descriptors.h"
#include "driver.h"
#include "fibers.h"
#include "heap.h"
#include "history.h"
#include "keys.h"
#include "leaks.h"
#include "ordering.h"
#include "progress.h"
#include "routine.h"
#include "schedule.h"
#include "script.h"
#include "sleep_set.h"
#include "subject.h"
#include "sync.h"
#include "trace.h"
#include "verdict.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

/* So many suspect executions that pass are all played with other bytes; then some, or copies would cost too much. */
enum { ALWAYS_REPEATED = 32, REPEATED_ONE_IN = 32 };

bool doubtful;

static void (*scenario)(void);

void executions_open(void (*run)(void)) {
    scenario = run;
    map_memory(WORLD_BASE, WORLD_SIZE);
    threads_open(routine_run);
    cells_open();
    definedness_open();
    crash_open();
}

static void *run_scenario(void *unused) {
    scenario();
    return unused;
}

static void reset(choice_source source) {
    choices_begin(source);
    subject_restore();
    cells_reset();
    definedness_reset();
    heap_reset();
    ordering_reset();
    sync_reset();
    keys_reset();
    fibers_reset();
    descriptors_reset();
    schedule_reset();
    sleep_set_reset();
    driver_reset();
    history_reset();
    trace_reset();
    verdict_reset();
}

static void check_threads(void) {
    for (int i = 1; i < thread_count; i++) {
        if (threads[i].joined || threads[i].detached) continue;
        verdict_place(0, threads[i].created_at, 0, "creates a thread");
        verdict_note(VERDICT_THREAD_LEAK, "T%d, created in {0}, was neither joined nor detached", i);
    }
}

/* One life of the program, judged by all but what it has read. */
static void live(choice_source source) {
    reset(source);
    threads_reset(run_scenario, NULL);
    threads_run();
    sleep_set_end_step(false);
    if (driver_dropped()) return;
    if (verdict.kind == VERDICT_PASS && progress.steps > STEP_LIMIT) {
        verdict.excess = OF_THE_STEPS;
        verdict_note(VERDICT_LIMIT, "an execution came to its end, but only after %u steps; %d are explored",
                     progress.steps, STEP_LIMIT);
    }
    if (verdict.kind == VERDICT_PASS && !progress.repeats) {
        check_threads();
        leaks_check();
    }
    verdict_take_deferred();
}

static void report_read(const struct suspect *read) {
    const char *place = describe_place(blocks[read->block].address + read->offset, read->size_bytes);
    verdict_reset();
    verdict_place(read->thread, read->pc, read->clock, "reads");
    verdict_place(read->allocated_by, read->allocated_at, read->allocated_clock, "allocates");
    verdict_note(VERDICT_UNINITIALIZED_READ,
                 "T%d reads %u byte%s at %s in {0}, and nothing has written there since T%d allocated the block in "
                 "{1}: with other bytes there the program goes another way",
                 read->thread, read->size_bytes, read->size_bytes == 1 ? "" : "s", place, read->allocated_by);
}

enum { EVERYWHERE = -1, NOWHERE = 1 << 30 };

/* Plays the last execution again with this value in place of what nobody wrote: at this suspect read, or EVERYWHERE.
 * The latest such read before it went another way, or -1. */
static int play_with(int value, int suspect, const struct verdict *first) {
    definedness_repeat_with(value, suspect);
    live(answer_from_script);
    return definedness_latest_suspect(verdict.kind == first->kind && !strcmp(verdict.message, first->message));
}

/* Of all reads up to the latest, the one that makes the difference by itself. */
static int narrow(int latest, int value, const struct verdict *first) {
    for (int i = latest; i >= 0; i--)
        if (play_with(value, i, first) >= 0) return i;
    return latest;
}

/* Plays the last execution again, with other bytes where it had read what nobody wrote. The read that made it go
 * another way, or NULL. */
static const struct suspect *find_culprit(bool exactly) {
    static const int values[] = {0, 1, -1};
    const struct verdict first = verdict;
    int culprit = -1;
    for (size_t i = 0; i < sizeof values / sizeof *values && culprit < 0; i++) {
        culprit = play_with(values[i], EVERYWHERE, &first);
        if (culprit >= 0 && exactly) culprit = narrow(culprit, values[i], &first);
    }
    /* With the same bytes it must go the same way, or something outside makes the difference. */
    bool repeats = culprit >= 0 && play_with(0, NOWHERE, &first) < 0;
    return repeats ? definedness_suspect_at(culprit) : NULL;
}

static bool is_worth_repeating(void) {
    static uint64_t passed;
    bool comparable = record.count < MAX_CHOICES && !verdict.timed && verdict.kind != VERDICT_LIMIT &&
                      verdict.kind != VERDICT_NOT_DETERMINISTIC;
    if (!definedness_has_suspects() || !comparable || driver_dropped() || progress.repeats) return false;
    if (verdict.kind != VERDICT_PASS || doubtful) return true;
    return ++passed <= ALWAYS_REPEATED || passed % REPEATED_ONE_IN == 0;
}

bool execute(choice_source source) {
    live(source);
    if (!is_worth_repeating()) return verdict.kind != VERDICT_PASS;
    bool traced = tracing;
    tracing = false;
    script.count = record.count;
    memcpy(script.taken, record.taken, record.count);
    if (traced) { /* what is compared must be told without names, as in the repeated executions */
        definedness_repeat();
        live(answer_from_script);
    }
    const struct suspect *culprit = find_culprit(traced);
    tracing = traced;
    if (culprit) trace_mark(culprit->thread, culprit->clock, culprit->pc);
    definedness_repeat();
    live(answer_from_script);
    if (culprit) report_read(culprit);
    return verdict.kind != VERDICT_PASS;
}
