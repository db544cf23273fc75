/* SPDX-License-Identifier: MIT
 *
 * schedule.c -- scheduling points, waiting, and virtual time. */
#include "schedule.h"

#include "chance.h"
#include "deadlock.h"
#include "definedness.h"
#include "kinds.h"
#include "park.h"
#include "progress.h"
#include "sleep_set.h"
#include "subject.h"
#include "sync.h"
#include "trace.h"
#include "verdict.h"

enum {
    TIRED_AFTER = 60,           /* a thread that neither waits nor yields for longer may spin: let others run */
    PLAIN_ACCESS_LIMIT = 20000, /* so many plain accesses in a row count as a spin of ... */
    PLAIN_SPIN_STEPS = 100,     /* ... that many steps */
    FAIR_TIME_STEPS = 1000,     /* in the fair phase time passes to the next deadline every so many steps */
    NAPS = 3                    /* so many sleeps in a row may pass without any other thread's step */
};

struct offer schedule_offer;
uint32_t schedule_patience = LIVELOCK_STEPS;

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

/* May the time jump to this sleeper's deadline? Not in the fair phase, where time passes as it does. */
static bool may_wake(const struct thread *thread) {
    bool asleep = thread->state == THREAD_WAITING && thread->wait.kind == WAIT_SLEEP;
    return asleep && !progress.fair && !can_run(thread) && !is_parked(thread) &&
           (thread != running || thread->naps < NAPS);
}

static void offer_sleepers(struct offer *offer) {
    for (int i = 1; i <= thread_count; i++) {
        struct thread *thread = &threads[(running->id + i) % thread_count];
        if (may_wake(thread)) offer->threads[offer->count++] = thread;
    }
}

static void make_offer(bool yielding) {
    struct offer *offer = &schedule_offer;
    uint32_t patience = running->claim ? CLAIM_ALONE_LIMIT + 1 : TIRED_AFTER;
    offer->tired = yielding || running->awake > patience;
    offer->count = 0;
    bool current = can_run(running) && !is_parked(running);
    offer->current_first = current && !offer->tired;
    if (offer->current_first) offer->threads[offer->count++] = running;
    for (int i = 1; i < thread_count; i++) {
        struct thread *other = &threads[(running->id + i) % thread_count];
        if (!is_parked(other) && can_run(other)) offer->threads[offer->count++] = other;
    }
    if (current && !offer->current_first) offer->threads[offer->count++] = running;
    if (offer->count) offer_sleepers(offer);
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

/* The next deadline to come, or NO_DEADLINE. */
static uint64_t next_deadline(void) {
    uint64_t next = NO_DEADLINE;
    for (int i = 0; i < thread_count; i++) {
        uint64_t deadline = threads[i].state == THREAD_WAITING ? threads[i].wait.deadline_ns : NO_DEADLINE;
        if (deadline > progress_now_ns() && deadline < next) next = deadline;
    }
    return next;
}

/* Nobody can run: the parked thread may, or time passes, or this is the end. */
static void revive(void) {
    if (park_release()) return;
    uint64_t earliest = next_deadline();
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
    sleep_set_end_step(schedule_offer.current_first);
    struct thread *next = take_offer();
    sleep_set_begin_step(next);
    if (schedule_offer.tired || running->state != THREAD_RUNNABLE) running->awake = 0;
    if (next == running) {
        next->naps += !can_run(next);
        return;
    }
    running->claim_alone = 0;
    next->naps = 0;
    thread_switch(next);
}

/* A thread that spins until another thread's sleep or timeout is over must not have to spin through all that time. */
static void pass_time(void) {
    uint64_t next = next_deadline();
    if (next != NO_DEADLINE) progress_jump_to(next);
}

static void count_step(const char *doing, uint32_t pc, uint32_t weight) {
    running->doing = doing;
    running->pc = pc;
    running->steps++;
    running->awake++;
    plain_accesses = 0;
    activity++;
    if (definedness_watches) definedness_event(pc, 0);
    uint32_t before = progress.steps;
    progress.steps += weight;
    progress.fair = progress.steps > FAIR_AFTER_STEPS;
    if (progress.fair && before / FAIR_TIME_STEPS != progress.steps / FAIR_TIME_STEPS) pass_time();
    if (progress.steps > schedule_patience) {
        verdict_place(running->id, pc, 0, doing);
        const char *failure = threads_failure();
        violate(
            failure ? VERDICT_PROPERTY : VERDICT_LIVELOCK,
            "%s%sT%d has not come to its end after %u steps, all but the first %d of them in fair turns: it still %s "
            "in {0}",
            failure ? failure : "", failure ? "; " : "", running->id, schedule_patience, FAIR_AFTER_STEPS, doing);
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
    running->yields++;
    park_consider();
    run_next(true);
}

void schedule_plain_access(const char *doing, uint32_t pc) {
    activity++;
    if (is_quiet(pc)) return;
    if (plain_steps) return schedule_point(doing, pc);
    if (++plain_accesses < PLAIN_ACCESS_LIMIT) return;
    count_step("loops over plain memory", pc, PLAIN_SPIN_STEPS);
    run_next(true);
}

/* What a thread may wait for, another's step may change; a deadline passes with anybody's. */
static void touch_awaited(const struct wait *wait) {
    if (wait->object) touch(wait->object->address, 1, WRITES);
    if (wait->peer) touch(TOUCHED_THREAD + (uintptr_t)wait->peer->id, 1, READS);
    if (wait->deadline_ns != NO_DEADLINE) touch_everything();
}

bool schedule_wait(const struct wait *wait) {
    running->wait = *wait;
    touch_awaited(wait);
    if (wait->ready(running)) return true;
    park_forbids_waiting();
    trace_step_of(running, "waits", running->pc, "");
    running->state = THREAD_WAITING;
    /* At least one turn for the others, even if the deadline has passed: a condition wait has let go of its mutex. */
    do {
        run_next(false);
        touch_awaited(wait);
    } while (!wait->ready(running) && wait->deadline_ns > progress_now_ns());
    running->state = THREAD_RUNNABLE;
    return wait->ready(running);
}

static bool never(const struct thread *thread) {
    (void)thread;
    return false;
}

void schedule_sleep(uint64_t deadline_ns, uint32_t pc) {
    count_step("sleeps", pc, 1);
    park_consider();
    if (deadline_ns > progress_now_ns()) park_forbids_waiting();
    trace_step("sleeps", pc, "");
    touch_everything();
    running->wait = (struct wait){WAIT_SLEEP, never, NULL, NULL, deadline_ns, 0};
    running->state = THREAD_WAITING;
    run_next(true);
    touch_everything();
    running->state = THREAD_RUNNABLE;
    trace_step("wakes up", pc, "%s", deadline_ns > progress_now_ns() ? "before the others' next step" : "");
    progress_jump_to(deadline_ns);
}

/* `wait.round`: so many yields count as waiting. */
static bool is_idle(const struct thread *other, uint32_t yields) {
    if (other->state == THREAD_WAITING && other->wait.kind == WAIT_IDLE) return true;
    return is_parked(other) || !can_run(other) || (yields && other->yields >= yields);
}

static bool all_others_idle(const struct thread *thread) {
    for (int i = 0; i < thread_count; i++)
        if (&threads[i] != thread && !is_idle(&threads[i], thread->wait.round)) return false;
    return true;
}

void schedule_wait_idle(uint32_t yields) {
    struct wait wait = {WAIT_IDLE, all_others_idle, NULL, NULL, NO_DEADLINE, yields};
    for (int i = 0; i < thread_count; i++) threads[i].yields = 0;
    touch_everything();
    schedule_wait(&wait);
    touch_everything();
}

void schedule_after_finish(void) {
    run_next(false);
}
