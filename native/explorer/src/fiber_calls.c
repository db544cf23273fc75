/* SPDX-License-Identifier: MIT
 *
 * fiber_calls.c -- what ThreadSanitizer is told of stacks that a program switches itself. */
#include "fibers.h"

#include "footprint.h"
#include "subject.h"
#include "thread.h"
#include "trace.h"
#include "verdict.h"

static const char goes_on[] = "goes on with a stack", destroys[] = "destroys a fiber";

/* Both ends of a mistake: who went on with the stack, or left it, and the running thread now. */
static void places(const struct fiber *fiber, uint32_t pc, const char *what) {
    const char *before = fiber->left ? "leaves a stack" : goes_on;
    if (fiber->last.pc) {
        trace_mark(fiber->last.thread, fiber->last.clock, fiber->last.pc);
        verdict_place(fiber->last.thread, fiber->last.pc, fiber->last.clock, before);
    }
    verdict_place(running->id, pc, 0, what);
}

static struct fiber *fiber_at(void *handle, uint32_t pc, const char *what) {
    struct fiber *fiber = handle;
    if (fiber >= fibers && fiber < fibers + MAX_FIBERS && fiber->live) return fiber;
    verdict_place(running->id, pc, 0, what);
    violate(VERDICT_MISUSE, "T%d %s in {0} that there is not: its fiber was never created, or has been destroyed",
            running->id, what);
}

/* Nobody may run on it, and the running thread must know that it was left. */
static void expect_left(const struct fiber *fiber, uint32_t pc, const char *what) {
    if (fiber->on != NO_THREAD && fiber->on != running->id) {
        places(fiber, pc, what);
        violate(VERDICT_MISUSE, "T%d %s in {%d} on which T%d still runs%s", running->id, what, fiber->last.pc ? 1 : 0,
                fiber->on, fiber->last.pc ? ", since {0}" : "");
    }
    if (!fiber->left || clock_covers(&running->view.happened, fiber->last.thread, fiber->last.clock)) return;
    places(fiber, pc, what);
    violate(VERDICT_RACE, "T%d leaves a stack in {0} and T%d %s in {1}: it is the same one, and nothing orders the two",
            fiber->last.thread, running->id, what);
}

static void note(struct fiber *fiber, uint32_t pc, bool left) {
    fiber->on = left ? NO_THREAD : running->id;
    fiber->left = left;
    fiber->last.thread = running->id;
    fiber->last.clock = running->view.happened.at[running->id];
    fiber->last.pc = pc;
    touch((uintptr_t)fiber, sizeof *fiber, WRITES);
}

EXPORTED void *__tsan_get_current_fiber(void) {
    return current_fiber[running->id];
}

EXPORTED void *__tsan_create_fiber(unsigned flags) {
    (void)flags;
    touch((uintptr_t)fibers, sizeof fibers, WRITES);
    for (int i = MAX_THREADS; i < MAX_FIBERS; i++) {
        if (fibers[i].live) continue;
        fibers[i] = (struct fiber){.live = true, .on = NO_THREAD};
        return &fibers[i];
    }
    exceed("the program has more than %d fibers at once", MAX_FIBERS - MAX_THREADS);
}

EXPORTED void __tsan_destroy_fiber(void *handle) {
    uint32_t pc = CALLER;
    struct fiber *fiber = fiber_at(handle, pc, destroys);
    expect_left(fiber, pc, destroys);
    touch((uintptr_t)fibers, sizeof fibers, WRITES);
    fiber->live = false;
}

EXPORTED void __tsan_switch_to_fiber(void *handle, unsigned flags) {
    uint32_t pc = CALLER;
    (void)flags; /* ThreadSanitizer can take a switch for a synchronization: it is none */
    struct fiber *to = fiber_at(handle, pc, goes_on), *from = current_fiber[running->id];
    if (to == from) return;
    expect_left(to, pc, goes_on);
    note(from, pc, true);
    note(to, pc, false);
    current_fiber[running->id] = to;
    trace_step("switches stacks", pc, "from %d to %d", (int)(from - fibers), (int)(to - fibers));
    running->pc = pc;
    thread_tick();
}

EXPORTED void __tsan_set_fiber_name(void *handle, const char *name) {
    (void)handle, (void)name;
}
