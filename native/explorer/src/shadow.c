/* SPDX-License-Identifier: MIT
 *
 * shadow.c -- data races by vector clocks, after FastTrack (Flanagan and Freund, PLDI 2009).
 *
 * A cell keeps its recent accesses. A new one races with each kept one that touches a common byte,
 * is of another thread, does not happen before it, and of which at least one writes and at least
 * one is not atomic. An old access is dropped once the new one implies it: it happened before,
 * touches no further byte, and conflicts with nothing that the new one does not conflict with. When
 * the cell is full the oldest goes: that can miss a race and cannot invent one. */
#include "shadow.h"

#include "blocks.h"
#include "bounds.h"
#include "definedness.h"
#include "describe.h"
#include "footprint.h"
#include "progress.h"
#include "stores.h"
#include "subject.h"
#include "thread.h"
#include "trace.h"
#include "verdict.h"
#include "world.h"

#include <string.h>

static bool writes(int kind) {
    return kind == PLAIN_WRITE || kind == ATOMIC_WRITE;
}

static bool plain(int kind) {
    return kind == PLAIN_READ || kind == PLAIN_WRITE;
}

/* A thread that has seen an atomic store, even by a relaxed load, may then use the bytes as plain memory: the store is
 * over. C11 calls it a race when only fences order the two, but on no machine can it matter, and correct fence-based
 * code does it (a node is freed once its link was read). */
static bool excused(const struct cell *cell, const struct access *old, const struct access *new) {
    return old->kind == ATOMIC_WRITE && plain(new->kind) && stores_observed(cell, old->bytes, old->thread, old->clock);
}

/* Does whatever conflicts with `old` conflict with `new` as well? */
static bool implies(int new, int old) {
    return (writes(new) || !writes(old)) && (plain(new) || !plain(old));
}

/* `start`: of the cell, of which both touch some bytes. */
static void report_race(uintptr_t start, const struct access *old, const struct access *new) {
    unsigned shared = old->bytes & new->bytes;
    uintptr_t address = start + (uintptr_t)__builtin_ctz(shared);
    const char *place = describe_place(address, (size_t)__builtin_popcount(shared));
    size_t offset;
    trace_mark(old->thread, old->clock, old->pc);
    verdict_place(old->thread, old->pc, old->clock, old->what);
    verdict_place(running->id, new->pc, new->clock, new->what);
    bool freed = !strcmp(new->what, "frees") || !strcmp(old->what, "frees");
    if (freed) block_place_of_allocation(&blocks[block_number(address, &offset)]);
    verdict_note(freed ? VERDICT_USE_AFTER_FREE : VERDICT_RACE,
                 "T%d %s in {0} and T%d %s in {1}: the same bytes, of %s%s, and nothing orders the two", old->thread,
                 old->what, running->id, new->what, place, freed ? ", allocated in {2}" : "");
    if (!plain_steps || freed) verdict_end_execution();
    trace_mark(new->thread, new->clock, new->pc);
    verdict_defer();
}

static void cell_access(struct cell *cell, uintptr_t start, const struct access *new) {
    const struct clock *known = &running->view.happened;
    int kept = 0;
    for (int i = 0; i < cell->used; i++) {
        struct access *old = &cell->accesses[i];
        bool ordered = old->thread == running->id || clock_covers(known, old->thread, old->clock);
        bool conflict = (writes(new->kind) || writes(old->kind)) && (plain(new->kind) || plain(old->kind)) &&
                        (old->bytes & new->bytes);
        if (conflict && !ordered) {
            if (!excused(cell, old, new)) report_race(start, old, new);
            ordered = true;
        }
        if (!(ordered && implies(new->kind, old->kind) && !(old->bytes & ~new->bytes))) cell->accesses[kept++] = *old;
    }
    if (kept == CELL_ACCESSES) memmove(cell->accesses, cell->accesses + 1, --kept * sizeof *cell->accesses);
    cell->accesses[kept++] = *new;
    cell->used = (uint8_t)kept;
}

static bool repeats(const struct cell *cell, const struct access *new) {
    if (!cell->used) return false;
    const struct access *last = &cell->accesses[cell->used - 1];
    return last->thread == new->thread && last->clock == new->clock && last->kind == new->kind &&
           !(new->bytes & ~last->bytes) && last->what == new->what;
}

/* Reports a local variable whose function has returned. One that later calls have covered again is taken for theirs. */
static void check_frame(uintptr_t address, uint32_t pc, const char *what) {
    int id = (int)((address - STACK_BASE(0)) / STACK_SIZE);
    const struct thread *owner = &threads[id];
    uintptr_t frame = owner == running ? caller_frame : owner->frame;
    if (frame < STACK_BASE(id)) return; /* it runs on a stack of the program's own, and nothing of this one is over */
    if (frame > STACK_BASE(id + 1) || address >= frame) return;
    verdict_place(running->id, pc, 0, what);
    if (id < thread_count && owner->state != THREAD_FINISHED)
        violate(VERDICT_USE_AFTER_RETURN, "T%d %s in {0}: a variable of a function of T%d that has returned",
                running->id, what, id);
    violate(VERDICT_USE_AFTER_RETURN, "T%d %s in {0}: a variable of T%d, which %s", running->id, what, id,
            id < thread_count ? "has ended" : "has not begun");
}

/* Inline in shadow_access, through which every access of the program goes. */
static inline void check_bounds(uintptr_t address, size_t size_bytes, uint32_t pc, const char *what) {
    running->pc = pc;
    if (address < 4096) {
        verdict_place(running->id, pc, 0, what);
        violate(VERDICT_CRASH, "T%d %s through a null pointer in {0}", running->id, what);
    }
    if (address - WORLD_BASE < HEAP_SIZE)
        bounds_check(cell_at(address), address, size_bytes, pc, what);
    else if (address - STACK_BASE(0) < (size_t)STACKS * STACK_SIZE)
        check_frame(address, pc, what);
}

void shadow_check_bounds(uintptr_t address, size_t size_bytes, uint32_t pc, const char *what) {
    check_bounds(address, size_bytes, pc, what);
}

/* It would be told nothing any more that it could believe. */
static void check_trespass(uintptr_t address, uint32_t pc, const char *what) {
    bool explorers = lies_in(subject.explorer, address);
    if (!explorers && !lies_in(subject.calls[0], address) && !lies_in(subject.calls[1], address)) return;
    verdict_place(running->id, pc, 0, what);
    violate(VERDICT_MISUSE, "T%d %s at {0} %s", running->id, what,
            explorers ? "what is the explorer's own" : "where the program looks for the functions that it calls");
}

void shadow_access(uintptr_t address, size_t size_bytes, enum access_kind kind, uint32_t pc, const char *what) {
    if (!size_bytes || !exploring) return;
    if (plain_steps || is_quiet(pc)) touch(address, size_bytes, writes(kind) ? WRITES : READS);
    if (is_quiet(pc)) return;
    check_bounds(address, size_bytes, pc, what);
    if (writes(kind)) check_trespass(address, pc, what);
    struct access new = {running->view.happened.at[running->id], pc, 0, (uint8_t)running->id, (uint8_t)kind, what};
    if (tracing) trace_watch(&new);
    if (definedness_watches && writes(kind)) definedness_event(pc, address);
    uintptr_t end = address + size_bytes;
    for (uintptr_t at = address; at < end; at = (at | (CELL_BYTES - 1)) + 1) {
        struct cell *cell = cell_at(at);
        if (!cell) return;
        unsigned first = at % CELL_BYTES;
        unsigned count = end - at < CELL_BYTES - first ? (unsigned)(end - at) : CELL_BYTES - first;
        new.bytes = (uint16_t)(((1u << count) - 1) << first);
        if (!repeats(cell, &new)) cell_access(cell, at - first, &new);
        if (kind == PLAIN_WRITE && cell->locations) stores_forget(cell, at, count);
    }
}
