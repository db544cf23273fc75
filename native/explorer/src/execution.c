/* SPDX-License-Identifier: MIT
 *
 * execution.c -- resets everything, runs, and judges what remains. */
#include "execution.h"

#include "cells.h"
#include "crash.h"
#include "driver.h"
#include "heap.h"
#include "history.h"
#include "keys.h"
#include "leaks.h"
#include "ordering.h"
#include "progress.h"
#include "routine.h"
#include "schedule.h"
#include "subject.h"
#include "sync.h"
#include "trace.h"
#include "verdict.h"
#include "world.h"

static void (*scenario)(void);

void executions_open(void (*run)(void)) {
    scenario = run;
    map_memory(WORLD_BASE, WORLD_SIZE);
    threads_open(routine_run);
    cells_open();
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
    heap_reset();
    ordering_reset();
    sync_reset();
    keys_reset();
    schedule_reset();
    driver_reset();
    history_reset();
    trace_reset();
    verdict_reset();
}

static void check_threads(void) {
    for (int i = 1; i < thread_count; i++) {
        if (threads[i].joined || threads[i].detached) continue;
        verdict_place(0, threads[i].created_at, 0, "creates a thread");
        verdict_note(VERDICT_THREAD_LEAK, "T%d, created at {0}, was neither joined nor detached", i);
    }
}

bool execute(choice_source source) {
    reset(source);
    threads_reset(run_scenario, NULL);
    threads_run();
    if (driver_dropped()) return false;
    if (verdict.kind == VERDICT_PASS && progress.steps > STEP_LIMIT)
        verdict_note(VERDICT_LIMIT, "an execution came to its end, but only after %u steps; %d are explored",
                     progress.steps, STEP_LIMIT);
    if (verdict.kind == VERDICT_PASS) {
        check_threads();
        leaks_check();
    }
    verdict_take_deferred();
    return verdict.kind != VERDICT_PASS;
}
