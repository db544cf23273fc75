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
    trace_step("calls", CALLER, "%s(%ld, %ld)", name, first_argument, second_argument);
    thread_tick();
    return operation_count++;
}

EXPORTED void explore_return(int call, long result) {
    struct recorded *recorded = &history[call];
    recorded->operation.result = result;
    recorded->returned = running->view.happened.at[running->id];
    trace_step("returns", CALLER, "%s = %ld", recorded->operation.name, result);
    thread_tick();
}

bool history_orders(int first, int second) {
    const struct recorded *before = &history[first];
    return first != second && before->returned &&
           clock_covers(&history[second].called, before->operation.thread, before->returned);
}

static struct search {
    step_function step;
    size_t state_size;
    uint32_t before[MAX_OPERATIONS]; /* the operations that must come first, as a mask */
    uint32_t all;
    uint32_t generation;
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

static bool explains(uint32_t done, const unsigned char *state) {
    if (done == search.all) return true;
    uint64_t key = hash(done, state);
    unsigned slot = key % CACHE_SIZE;
    if (search.failed[slot].generation == search.generation && search.failed[slot].key == key) return false;
    unsigned char next[MAX_STATE];
    for (int i = 0; i < operation_count; i++) {
        if ((done >> i & 1) || (search.before[i] & ~done)) continue;
        memcpy(next, state, search.state_size);
        if (search.step(next, &history[i].operation) && explains(done | 1u << i, next)) return true;
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
    for (int i = 0; i < operation_count; i++) {
        search.before[i] = 0;
        for (int j = 0; j < operation_count; j++) search.before[i] |= (uint32_t)history_orders(j, i) << j;
    }
}

static void describe(char *text, size_t size) {
    size_t length = 0;
    for (int i = 0; i < operation_count && length + 80 < size; i++) {
        const struct explore_operation *o = &history[i].operation;
        length += (size_t)snprintf(text + length, size - length, "%sT%d %s(%ld, %ld) = %ld", i ? "; " : "", o->thread,
                                   o->name, o->argument[0], o->argument[1], o->result);
    }
}

EXPORTED void explore_check_linearizable(const char *model_name, const void *initial_state, size_t state_size_bytes,
                                         step_function step) {
    uint32_t pc = CALLER;
    if (state_size_bytes > MAX_STATE) violate(VERDICT_LIMIT, "a model state of more than %d bytes", MAX_STATE);
    prepare(step, state_size_bytes);
    exploring = false; /* the model's own accesses are none of the program's */
    bool explained = explains(0, initial_state);
    exploring = true;
    if (explained) return;
    char text[600] = "";
    describe(text, sizeof text);
    verdict_place(running->id, pc, 0, "fails the check");
    violate(VERDICT_NOT_LINEARIZABLE, "no sequential %s explains this history: %s", model_name, text);
}
