/* SPDX-License-Identifier: MIT
 *
 * history.c -- linearizability, by search (Wing and Gong 1993) with a cache of visited states (Lowe
 * 2017).
 *
 * Operation i precedes j only if i's return happens before j's call: an order that no thread could
 * have known of is no order, so legal weak-memory results are not blamed. */
#include "history.h"

#include "subject.h"
#include "thread.h"
#include "trace.h"
#include "verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CACHE_SIZE = 1 << 12, MAX_STATE = 1024 };

typedef bool (*step_function)(void *, const struct explore_operation *);

static struct recorded history[MAX_OPERATIONS];
static int operation_count;

void history_reset(void) {
    operation_count = 0;
}

int history_length(void) {
    return operation_count;
}

const struct recorded *history_at(int index) {
    return &history[index];
}

EXPORTED int explore_call(const char *name, long first_argument, long second_argument) {
    if (operation_count == MAX_OPERATIONS)
        violate(VERDICT_LIMIT, "more than %d operations in one history", MAX_OPERATIONS);
    struct recorded *recorded = &history[operation_count];
    recorded->operation = (struct explore_operation){name, {first_argument, second_argument}, 0, running->id};
    recorded->called = running->view.happened;
    recorded->returned = 0;
    snprintf(recorded->words, OPERATION_WORDS, "%s(%ld, %ld)", name, first_argument, second_argument);
    trace_step("calls", CALLER, "%s", recorded->words);
    thread_tick();
    return operation_count++;
}

EXPORTED void explore_return(int call, long result) {
    struct recorded *recorded = &history[call];
    recorded->operation.result = result;
    recorded->returned = running->view.happened.at[running->id];
    recorded->returned_by = running->id;
    recorded->returned_at = CALLER;
    snprintf(recorded->words + strlen(recorded->words), OPERATION_WORDS - strlen(recorded->words), " = %ld", result);
    trace_step("returns", CALLER, "%s = %ld", recorded->operation.name, result);
    thread_tick();
}

EXPORTED void explore_say(int call, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(history[call].words, OPERATION_WORDS, format, arguments);
    va_end(arguments);
    trace_reword(history[call].words);
}

bool history_orders(int first, int second) {
    const struct recorded *before = &history[first];
    return first != second && before->returned &&
           clock_covers(&history[second].called, before->returned_by, before->returned);
}

static struct search {
    step_function step;
    size_t state_size;
    uint32_t before[MAX_OPERATIONS]; /* the operations that must come first, as a mask */
    uint32_t all;
    uint32_t generation;
    int order[MAX_OPERATIONS], best[MAX_OPERATIONS], best_length; /* being tried; the longest that fits */
    struct {
        uint64_t key;
        uint32_t generation;
    } failed[CACHE_SIZE];
} search;

static uint64_t hash(uint32_t done, const unsigned char *state) {
    uint64_t h = 0xcbf29ce484222325u ^ done;
    for (size_t i = 0; i < search.state_size; i++) h = (h ^ state[i]) * 0x100000001b3u;
    return (h ^ h >> 29) * 0x9e3779b97f4a7c15u;
}

static void note_order(int length) {
    if (length <= search.best_length) return;
    search.best_length = length;
    memcpy(search.best, search.order, (size_t)length * sizeof *search.best);
}

static bool explains(uint32_t done, const unsigned char *state, int length) {
    if (done == search.all) return true;
    note_order(length);
    uint64_t key = hash(done, state);
    unsigned slot = key % CACHE_SIZE;
    if (search.failed[slot].generation == search.generation && search.failed[slot].key == key) return false;
    unsigned char next[MAX_STATE];
    for (int i = 0; i < operation_count; i++) {
        if ((done >> i & 1) || (search.before[i] & ~done)) continue;
        memcpy(next, state, search.state_size);
        search.order[length] = i;
        if (search.step(next, &history[i].operation) && explains(done | 1u << i, next, length + 1)) return true;
    }
    search.failed[slot].key = key;
    search.failed[slot].generation = search.generation;
    return false;
}

static void prepare(step_function step, size_t state_size) {
    search.step = step;
    search.state_size = state_size;
    search.all = (uint32_t)(((uint64_t)1 << operation_count) - 1);
    search.generation++;
    search.best_length = 0;
    for (int i = 0; i < operation_count; i++) {
        search.before[i] = 0;
        for (int j = 0; j < operation_count; j++) search.before[i] |= (uint32_t)history_orders(j, i) << j;
    }
}

/* Appends an operation to a list of them. */
static void list(char *text, size_t size, const char *between, int operation) {
    size_t length = strlen(text);
    snprintf(text + length, size - length, "%sT%d %s", between, history[operation].operation.thread,
             history[operation].words);
}

/* Which operations may come next, and do not fit: the verdict is about their returns. */
static void list_next(char *text, size_t size) {
    uint32_t done = 0;
    int count = 0;
    for (int i = 0; i < search.best_length; i++) done |= 1u << search.best[i];
    for (int i = 0; i < operation_count; i++)
        if (!(done >> i & 1) && !(search.before[i] & ~done)) {
            const struct recorded *recorded = &history[i];
            list(text, size, count++ ? "; " : "", i);
            verdict_place(recorded->operation.thread, recorded->returned_at, recorded->returned, "returns");
            trace_mark(recorded->operation.thread, recorded->returned, recorded->returned_at);
        }
}

static _Noreturn void report(const char *model_name) {
    char fits[600] = "", next[200] = "";
    for (int i = 0; i < search.best_length; i++) list(fits, sizeof fits, i ? "; " : "", search.best[i]);
    list_next(next, sizeof next);
    violate(VERDICT_NOT_LINEARIZABLE,
            "no order of the %d calls explains their answers by the rules of a sequential %s. The longest order that "
            "does: %s. "
            "After it, none of these fits: %s",
            operation_count, model_name, fits[0] ? fits : "no call at all", next);
}

EXPORTED void explore_check_linearizable(const char *model_name, const void *initial_state, size_t state_size_bytes,
                                         step_function step) {
    uint32_t pc = CALLER;
    if (state_size_bytes > MAX_STATE) violate(VERDICT_LIMIT, "a model state of more than %d bytes", MAX_STATE);
    prepare(step, state_size_bytes);
    exploring = false; /* the model's own accesses are none of the program's */
    bool explained = explains(0, initial_state, 0);
    exploring = true;
    if (explained) return;
    trace_mark(running->id, running->view.happened.at[running->id], pc);
    trace_step("fails the check", pc, "");
    report(model_name);
}
