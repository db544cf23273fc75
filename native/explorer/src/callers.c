/* SPDX-License-Identifier: MIT
 *
 * callers.c -- a stack and a ring for each of the program's stacks, from the compiler's calls at each function's begin
 * and end. */
#include "callers.h"

#include "fibers.h"
#include "thread.h"

enum { MAX_DEPTH = 256, RING = 64 };

static struct history {
    int depth, returns;
    struct {
        uint32_t called_at, inside;
        int returns; /* until it was entered */
    } frames[MAX_DEPTH];
    uint32_t returned[RING];
} histories[MAX_FIBERS];

void callers_reset(void) {
    for (int i = 0; i < MAX_FIBERS; i++) histories[i].depth = histories[i].returns = 0;
}

void callers_enter(uint32_t called_at, uint32_t inside) {
    struct history *history = &histories[fiber_of(running->id)];
    int depth = history->depth++;
    if (depth >= MAX_DEPTH) return;
    history->frames[depth].called_at = called_at;
    history->frames[depth].inside = inside;
    history->frames[depth].returns = history->returns;
}

void callers_leave(void) {
    struct history *history = &histories[fiber_of(running->id)];
    if (!history->depth) return; /* of a stack that was left without a word */
    int depth = --history->depth;
    if (depth < MAX_DEPTH) history->returned[history->returns++ % RING] = history->frames[depth].inside;
}

static void add(struct way *way, uint32_t pc, bool returned) {
    if (way->count == WAY_LENGTH || !pc) return;
    way->places[way->count].pc = pc;
    way->places[way->count++].returned = returned;
}

/* A function that a loop calls again and again must not push out all others. */
static bool has_returned(const struct way *way, uint32_t inside) {
    for (int i = 0; i < way->count; i++)
        if (way->places[i].returned && way->places[i].pc == inside) return true;
    return false;
}

/* What has returned from number `last` back to number `first`. */
static void add_returned(struct way *way, const struct history *history, int first, int last) {
    int oldest = history->returns - RING;
    for (int i = last - 1; i >= first && i >= oldest; i--) {
        uint32_t inside = history->returned[i % RING];
        if (!has_returned(way, inside)) add(way, inside, true);
    }
}

void callers_way(int thread, struct way *way) {
    const struct history *history = &histories[fiber_of(thread)];
    int last = history->returns;
    way->count = 0;
    for (int i = (history->depth < MAX_DEPTH ? history->depth : MAX_DEPTH) - 1; i >= 0; i--) {
        add_returned(way, history, history->frames[i].returns, last);
        add(way, history->frames[i].called_at, false);
        last = history->frames[i].returns;
    }
    add_returned(way, history, 0, last);
}
