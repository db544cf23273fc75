/* SPDX-License-Identifier: MIT
 *
 * park.c -- one thread is paused, the others must finish. */
#include "park.h"

#include "kinds.h"
#include "progress.h"
#include "trace.h"
#include "verdict.h"

static const struct thread *parked;
static bool parked_before; /* at most one is parked in an execution */
static uint32_t steps_without_progress, steps_parked, operations_ended;

void park_reset(void) {
    parked = NULL;
    parked_before = false;
    steps_without_progress = steps_parked = operations_ended = 0;
}

void park_claim(const char *operation) {
    running->claim = operation;
    running->claim_alone = 0;
}

void park_unclaim(void) {
    running->claim = NULL;
    steps_without_progress = 0;
    if (parked && ++operations_ended == PARK_OPERATIONS) park_release();
}

bool is_parked(const struct thread *thread) {
    return thread == parked;
}

bool park_release(void) {
    bool any = parked != NULL;
    if (any) trace_step_of(parked, "goes on", parked->pc, "it was parked until here");
    parked = NULL;
    steps_without_progress = 0;
    return any;
}

static _Noreturn void report_stuck(uint32_t steps) {
    verdict_place(running->id, running->pc, 0, running->doing);
    if (!parked)
        violate(VERDICT_BLOCKED_BY_PARKED_THREAD, "T%d took %u steps alone inside one %s, in {0}, without finishing it",
                running->id, steps, running->claim);
    verdict_place(parked->id, parked->pc, 0, "is parked");
    trace_mark(parked->id, parked->view.happened.at[parked->id], parked->pc);
    violate(VERDICT_BLOCKED_BY_PARKED_THREAD,
            "T%d is parked inside %s in {1}; the others took %u steps, T%d the last inside %s in {0}, "
            "without finishing one operation",
            parked->id, parked->claim, steps, running->id, running->claim);
}

void park_consider(void) {
    if (parked && (progress.fair || ++steps_parked > PARK_LIMIT)) park_release();
    if (!running->claim) return;
    if (++running->claim_alone > CLAIM_ALONE_LIMIT) report_stuck(running->claim_alone);
    if (parked && ++steps_without_progress > CLAIM_TOGETHER_LIMIT) report_stuck(steps_without_progress);
    if (parked_before || thread_count == 1 || progress.fair || !choose(CHOOSE_PARK, 2)) return;
    parked = running;
    parked_before = true;
    steps_without_progress = 0;
    trace_step("is parked", running->pc, "before this step, inside %s", running->claim);
}

void park_forbids_waiting(void) {
    if (!running->claim) return;
    verdict_place(running->id, running->pc, 0, running->doing);
    violate(VERDICT_BLOCKED_BY_PARKED_THREAD, "T%d %s inside %s, in {0}, and has to wait", running->id, running->doing,
            running->claim);
}
