/* SPDX-License-Identifier: MIT
 *
 * driver_calls.c -- what explore.h offers to drivers, except histories (history.c). */
#include "chance.h"
#include "definedness.h"
#include "driver.h"
#include "heap.h"
#include "kinds.h"
#include "models.h"
#include "park.h"
#include "schedule.h"
#include "subject.h"
#include "trace.h"
#include "verdict.h"

#include "../include/explore.h"

#include <stdarg.h>
#include <stdio.h>

enum { MAX_MARKS = 256, MAX_OPTIONS = 255 };

static struct {
    int key, thread;
    uint32_t clock;
} marks[MAX_MARKS];
static int mark_count;

static bool dropped; /* this execution, by explore_assume */

void driver_reset(void) {
    mark_count = 0;
    dropped = false;
    chance_reset();
    thread_calls_reset();
    time_calls_reset();
    machine_calls_reset();
}

EXPORTED void explore_fail(const char *format, ...) {
    char text[VERDICT_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    uint32_t pc = CALLER;
    trace_mark(running->id, running->view.happened.at[running->id], pc);
    trace_step("fails the check", pc, "%s", text);
    verdict_place(running->id, pc, 0, "fails the check");
    violate(VERDICT_PROPERTY, "%s", text);
}

EXPORTED unsigned explore_choose(unsigned options) {
    return choose(CHOOSE_DRIVER, options < MAX_OPTIONS ? options : MAX_OPTIONS);
}

EXPORTED void explore_assume(bool condition) {
    if (condition) return;
    dropped = true;
    thread_abandon_execution();
}

bool driver_dropped(void) {
    return dropped;
}

EXPORTED void explore_name_thread(const char *name) {
    running->name = name;
}

EXPORTED void explore_yield(void) {
    schedule_yield("polls", CALLER);
}

EXPORTED void explore_wait_for(const char *failure) {
    running->failure = failure;
}

EXPORTED void explore_lock_free_begin(const char *operation) {
    park_claim(operation);
}

EXPORTED void explore_lock_free_end(void) {
    park_unclaim();
}

EXPORTED void explore_fail_malloc(unsigned times) {
    heap_allow_failures(times);
}

EXPORTED void explore_fail_threads(unsigned times) {
    thread_calls_allow_failures(times);
}

EXPORTED void explore_no_interruptions(void) {
    chance_forbid_interruptions();
}

EXPORTED void explore_wait_idle(unsigned yields) {
    uint32_t pc = CALLER;
    schedule_point("waits until all others wait", pc);
    schedule_wait_idle(yields);
    trace_step("goes on", pc, "all others wait");
}

EXPORTED struct explore_futex_calls explore_futex_calls(void) {
    return (struct explore_futex_calls){running->futex.waits, running->futex.wakes};
}

EXPORTED void explore_step_realtime(long seconds) {
    schedule_point("sets the clock", CALLER);
    trace_step("sets the clock", CALLER, "by %ld s", seconds);
    time_calls_step_realtime(seconds);
}

EXPORTED void explore_mark(int key) {
    if (mark_count == MAX_MARKS)
        violate(VERDICT_LIMIT, "more than %d calls of explore_mark in one execution", MAX_MARKS);
    marks[mark_count].key = key;
    marks[mark_count].thread = running->id;
    marks[mark_count++].clock = running->view.happened.at[running->id];
    thread_tick();
}

EXPORTED int explore_marks_before(int key) {
    int count = 0;
    for (int i = 0; i < mark_count; i++)
        count += marks[i].key == key && clock_covers(&running->view.happened, marks[i].thread, marks[i].clock);
    return count;
}

static struct outcome outcomes[MAX_OUTCOMES];
static int outcome_count;

/* FNV-1a. */
static uint32_t hash_of(const char *text) {
    uint32_t hash = 0x811c9dc5;
    while (*text) hash = (hash ^ (unsigned char)*text++) * 0x01000193;
    return hash;
}

EXPORTED void explore_outcome(const char *format, ...) {
    char text[OUTCOME_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (definedness_watches) definedness_event(hash_of(text), 0);
    if (definedness_repeats()) return;
    int i = 0;
    while (i < outcome_count && __builtin_strcmp(outcomes[i].text, text)) i++;
    if (i == MAX_OUTCOMES) violate(VERDICT_LIMIT, "more than %d different outcomes", MAX_OUTCOMES);
    if (i == outcome_count) __builtin_strcpy(outcomes[outcome_count++].text, text);
    outcomes[i].count++;
}

int outcomes_seen(const struct outcome **out) {
    *out = outcomes;
    return outcome_count;
}
