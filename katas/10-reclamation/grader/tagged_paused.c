/* SPDX-License-Identifier: MIT */
/* tagged_paused.c -- a thread that stops anywhere inside push or pop stops nobody else, and does no harm when it goes
 * on.
 *
 *   tagged_paused
 *
 * Slots 2, 1, 0 are inside, 0 on top. Thread A stops at its k-th step inside a call, for every k there is: a push of
 * slot 3, or a pop. Meanwhile the main thread pops two slots and pushes the first one again, so that what A saw on top
 * may be there again, on top of another one; a newcomer pushes slot 4 and pops one. Then A goes on, and the stack is
 * emptied. What does not end within STEP_LIMIT steps never will.
 *
 * Evidence: the rows `runs`: `call`, 0 push or 1 pop; `kept`, what the main thread had, `newcomers`, what the newcomer
 * had, `answered`, what A's pop answered, NONE where it was a push; `left`, what was inside at the end, a slot in each
 * four bits, the first one lowest, plus one. `overrun_call` (0 or 1) and `overrun_in`, if a call did not end. */
#include <pthread.h>
#include <stdbool.h>

#include "driver.h"
#include "evidence.h"
#include "gate.h"
#include "pace.h"

#define STEP_LIMIT 20000
#define POINTS_MAX 1500 /* of k, per call */
#define LEFT_MAX 12
#define NONE UINT32_MAX

enum call { PUSH, POP };

EVIDENCE_ROW(run, call, parked_at, kept, newcomers, answered, left);

static struct {
    struct tagged_stack *stack;
    enum call call;
    uint64_t k;
    uint32_t answered, newcomers;
    struct pace_place place;
} now = {.place = PACE_PLACE};

static struct run runs[2 * POINTS_MAX];
static size_t run_count;
static _Thread_local enum call calling;

static void overrun(void) {
    evidence_rows("runs", run, runs, run_count);
    evidence_count("overrun_call", calling);
    evidence_count("overrun_in", now.call);
    evidence_end();
}

static uint32_t pop(void) {
    calling = POP;
    pace_count_steps(STEP_LIMIT, overrun);
    uint32_t slot = tagged_pop(now.stack);
    pace_count_steps(0, NULL);
    return slot;
}

static void push(uint32_t slot) {
    calling = PUSH;
    pace_count_steps(STEP_LIMIT, overrun);
    if (slot != NONE) (void)tagged_push(now.stack, slot); /* what is lost shows at the end */
    pace_count_steps(0, NULL);
}

static void *call_and_park(void *unused) {
    pace_park_at(&now.place, now.k);
    if (now.call == PUSH)
        (void)tagged_push(now.stack, 3);
    else
        now.answered = tagged_pop(now.stack);
    pace_park_over();
    return unused;
}

static void come_new(uint64_t slot) {
    push((uint32_t)slot);
    now.newcomers = pop();
}

static uint64_t empty(void) {
    uint64_t left = 0;
    for (unsigned i = 0; i < LEFT_MAX; i++) {
        uint32_t slot = pop();
        if (slot == NONE) break;
        left |= (uint64_t)((slot + 1) & 15) << 4 * i;
    }
    return left;
}

/* false: the call has fewer than k steps. */
static bool try_at(enum call call, uint64_t k) {
    now.stack = new_tagged(5);
    now.call = call, now.k = k, now.answered = NONE;
    for (uint32_t slot = 3; slot-- > 0;) push(slot);
    pthread_t a = gate_thread(call_and_park, NULL);
    bool parked = pace_wait_parked(&now.place);
    if (parked) {
        struct run *run = &runs[run_count++];
        uint32_t first = pop(), second = pop();
        push(first);
        one_thread(come_new, 4);
        pace_release(&now.place, 0);
        pthread_join(a, NULL);
        *run = (struct run){call, k, second, now.newcomers, now.answered, empty()};
    } else
        pthread_join(a, NULL);
    tagged_free(now.stack);
    return parked;
}

void tagged_paused(uint64_t seed) {
    (void)seed; /* nothing is left to chance: every step is tried */
    for (enum call call = PUSH; call <= POP; call++)
        for (uint64_t k = 1; k <= POINTS_MAX && try_at(call, k); k++) evidence_progress();
    evidence_rows("runs", run, runs, run_count);
}
