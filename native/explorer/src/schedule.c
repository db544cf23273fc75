/* SPDX-License-Identifier: MIT
 *
 * schedule.c -- scheduling points, waiting, and virtual time. */
#include "schedule.h"

#include "chance.h"
#include "deadlock.h"
#include "kinds.h"
#include "park.h"
#include "progress.h"
#include "trace.h"
#include "verdict.h"

enum {
    SOLO_LIMIT = 60,            /* a thread alone for longer probably spins: let others run */
    PLAIN_ACCESS_LIMIT = 20000, /* so many plain accesses in a row count as a spin of ... */
    PLAIN_SPIN_STEPS = 100      /* ... that many steps */
};

struct offer schedule_offer;

static uint32_t plain_accesses, fair_state;

void schedule_reset(void) {
    progress_reset();
    plain_accesses = 0;
    fair_state = 1;
    park_reset();
}

static bool can_run(const struct thread *thread) {
    if (thread->state == THREAD_RUNNABLE) return true;
    return thread->state == THREAD_WAITING &&
           (thread->wait.ready(thread) || thread->wait.deadline_ns <= progress_now_ns());
}

static void make_offer(bool yielding) {
    struct offer *offer = &schedule_offer;
    uint32_t patience = running->claim ? CLAIM_ALONE_LIMIT + 1 : SOLO_LIMIT;
    offer->tired = yielding || running->solo > patience;
    offer->count = 0;
    bool current = can_run(running) && !is_parked(running);
    offer->current_first = current && !offer->tired;
    if (offer->current_first) offer->threads[offer->count++] = running;
    for (int i = 1; i < thread_count; i++) {
        struct thread *other = &threads[(running->id + i) % thread_count];
        if (!is_parked(other) && can_run(other)) offer->threads[offer->count++] = other;
    }
    if (current && !offer->current_first) offer->threads[offer->count++] = running;
}

/* In the fair phase turns are random, but the same for every seed: strict turns can keep two polite threads in step for
 * ever, which no real machine does. xorshift32 (Marsaglia). */
static uint32_t fair_turn(void) {
    fair_state ^= fair_state << 13;
    fair_state ^= fair_state >> 17;
    fair_state ^= fair_state << 5;
    return fair_state >> 8;
}

static struct thread *take_offer(void) {
    struct offer *offer = &schedule_offer;
    if (offer->count == 1) return offer->threads[0];
    if (progress.fair) return offer->threads[fair_turn() % offer->count];
    progress.thread_choices++;
    unsigned taken = choose(CHOOSE_THREAD, offer->count);
    if (taken && offer->current_first) progress.preemptions++;
    return offer->threads[taken];
}

static bool all_finished(void) {
    for (int i = 0; i < thread_count; i++)
        if (threads[i].state != THREAD_FINISHED) return false;
    return true;
}

/* Nobody can run: the parked thread may, or time passes, or this is the end. */
static void revive(void) {
    if (park_release()) return;
    uint64_t earliest = NO_DEADLINE;
    for (int i = 0; i < thread_count; i++)
        if (threads[i].state == THREAD_WAITING && threads[i].wait.deadline_ns < earliest)
            earliest = threads[i].wait.deadline_ns;
    if (earliest != NO_DEADLINE)
        progress_jump_to(earliest);
    else if (all_finished())
        thread_abandon_execution();
    else
        report_deadlock();
}

static void run_next(bool yielding) {
    make_offer(yielding);
    while (!schedule_offer.count) {
        revive();
        make_offer(false);
    }
    struct thread *next = take_offer();
    if (next == running) return;
    running->solo = running->claim_alone = 0;
    thread_switch(next);
}

static void count_step(const char *doing, uint32_t pc, uint32_t weight) {
    running->doing = doing;
    running->pc = pc;
    running->steps++;
    running->solo++;
    plain_accesses = 0;
    activity++;
    progress.steps += weight;
    progress.fair = progress.steps > FAIR_AFTER_STEPS;
    if (progress.steps > STEP_LIMIT) {
        verdict_place(running->id, pc, 0, doing);
        violate(VERDICT_LIVELOCK, "after %d steps, the last half of them in fair turns, T%d still %s at {0}",
                STEP_LIMIT, running->id, doing);
    }
}

void schedule_point(const char *doing, uint32_t pc) {
    count_step(doing, pc, 1);
    park_consider();
    if (thread_count > 1 && !progress.fair) {
        maybe_wake_spuriously();
        maybe_pass_time();
    }
    run_next(false);
}

void schedule_yield(const char *doing, uint32_t pc) {
    count_step(doing, pc, 1);
    park_consider();
    run_next(true);
}

void schedule_plain_access(uint32_t pc) {
    activity++;
    if (++plain_accesses < PLAIN_ACCESS_LIMIT) return;
    count_step("loops over plain memory", pc, PLAIN_SPIN_STEPS);
    run_next(true);
}

bool schedule_wait(const struct wait *wait) {
    running->wait = *wait;
    if (wait->ready(running)) return true;
    park_forbids_waiting();
    trace_step_of(running, "waits", running->pc, "");
    running->state = THREAD_WAITING;
    /* At least one turn for the others, even if the deadline has passed: a condition wait has let go of its mutex. */
    do run_next(false);
    while (!wait->ready(running) && wait->deadline_ns > progress_now_ns());
    running->state = THREAD_RUNNABLE;
    return wait->ready(running);
}

void schedule_after_finish(void) {
    run_next(false);
}
