/* SPDX-License-Identifier: MIT
 *
 * verdict.c -- names, rules, and the first failure of an execution. */
#include "verdict.h"

#include "thread.h"
#include "trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct verdict verdict;

static struct verdict deferred;

static const struct {
    const char *name, *rule;
} kinds[VERDICT_KINDS] = {
    [VERDICT_PASS] = {"pass", ""},
    [VERDICT_RACE] = {"race", "of two accesses to the same bytes, at least one a write and one not "
                              "atomic, one happens before the other"},
    [VERDICT_USE_AFTER_FREE] = {"use_after_free", "every use of a block happens before the free of that block"},
    [VERDICT_USE_AFTER_RETURN] = {"use_after_return",
                                  "a variable of a function, or of a thread, is used only until that ends"},
    [VERDICT_UNINITIALIZED_READ] = {"uninitialized_read",
                                    "what the program does never depends on bytes that it has not written"},
    [VERDICT_DOUBLE_FREE] = {"double_free", "a block is freed once"},
    [VERDICT_BAD_FREE] = {"bad_free", "only what malloc returned is freed"},
    [VERDICT_OUT_OF_BOUNDS] = {"out_of_bounds", "accesses stay inside the block"},
    [VERDICT_LEAK] = {"leak", "every block is freed, or still reachable, at the end"},
    [VERDICT_THREAD_LEAK] = {"thread_leak", "every thread is joined or detached"},
    [VERDICT_DEADLOCK] = {"deadlock", "some thread can always run until all have ended"},
    [VERDICT_ALL_ASLEEP] = {"all_asleep", "some thread can always run until all have ended"},
    [VERDICT_LIVELOCK] = {"livelock", "under a fair schedule every thread comes to its end"},
    [VERDICT_BLOCKED_BY_PARKED_THREAD] = {"blocked_by_parked_thread",
                                          "a thread paused at any point does not keep the others "
                                          "from finishing their operations"},
    [VERDICT_PROPERTY] = {"property", ""},
    [VERDICT_NOT_LINEARIZABLE] = {"not_linearizable", "the results are those of the same calls made one after another"},
    [VERDICT_MISUSE] = {"misuse", "library calls are used as their manual pages allow"},
    [VERDICT_CRASH] = {"crash", ""},
    [VERDICT_ASSERTION] = {"assertion", ""},
    [VERDICT_UNKNOWN_SYMBOL] = {"unknown_symbol", "only calls that the explorer models are made"},
    [VERDICT_LIMIT] = {"limit", "the scenario fits the explorer's bounds"},
    [VERDICT_NOT_DETERMINISTIC] = {"not_deterministic", "a scenario depends on nothing but the explorer's choices"},
};

const char *verdict_name(enum verdict_kind kind) {
    return kinds[kind].name;
}

const char *verdict_rule(enum verdict_kind kind) {
    return kinds[kind].rule;
}

static void clear(struct verdict *of) {
    of->kind = VERDICT_PASS;
    of->place_count = 0;
    of->timed = false;
    of->excess = OF_THE_SCENARIO;
    of->message[0] = 0;
}

void verdict_reset(void) {
    clear(&verdict);
    clear(&deferred);
}

void verdict_defer(void) {
    if (deferred.kind == VERDICT_PASS) deferred = verdict;
    clear(&verdict);
}

void verdict_take_deferred(void) {
    if (verdict.kind == VERDICT_PASS) verdict = deferred;
}

void verdict_place(int thread, uint32_t pc, uint32_t clock, const char *what) {
    if (verdict.kind == VERDICT_PASS && verdict.place_count < VERDICT_PLACES)
        verdict.places[verdict.place_count++] = (struct place){pc, clock, thread, what};
}

static uint32_t now_of(const struct thread *thread) {
    return thread->view.happened.at[thread->id];
}

static void note(enum verdict_kind kind, const char *format, va_list arguments) {
    if (verdict.kind != VERDICT_PASS) return;
    verdict.kind = kind;
    vsnprintf(verdict.message, sizeof verdict.message, format, arguments);
}

void verdict_note(enum verdict_kind kind, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    note(kind, format, arguments);
    va_end(arguments);
}

/* The running thread's own place is the step that failed: the last of the trace, and marked. */
static void trace_failing_step(void) {
    for (int i = 0; i < verdict.place_count; i++) {
        const struct place *place = &verdict.places[i];
        if (place->thread != running->id || (place->clock && place->clock != now_of(running))) continue;
        trace_mark(running->id, now_of(running), place->pc);
        trace_last(place->what, place->pc);
    }
}

void verdict_end_execution(void) {
    trace_failing_step();
    thread_abandon_execution();
}

void violate(enum verdict_kind kind, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    note(kind, format, arguments);
    va_end(arguments);
    verdict_end_execution();
}

void exceed(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    if (verdict.kind == VERDICT_PASS) verdict.excess = OF_THE_PROGRAM;
    note(VERDICT_LIMIT, format, arguments);
    va_end(arguments);
    verdict_end_execution();
}
