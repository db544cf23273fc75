/* SPDX-License-Identifier: MIT */
/* tagged_wrap.c -- a long pause, in which tags come back.
 *
 *   tagged_wrap
 *
 * Slots 2, 1, 0 are inside, 0 on top. Thread A stops at its k-th step inside a pop, for every k there is. Meanwhile the
 * main thread makes exactly 2^20 pushes and 2^20 pops, 2^19 of each of them of slot 0; in the end slot 0 is on top
 * again, but what is below it has changed from 1, 2 to 2, 1. So a tag of the stack of up to 20 bits is the same
 * as before, whether pushes count, pops, or both (then of 21 bits), and a tag of each slot of up to 19 bits. Whoever
 * takes the top for the old one puts slot 1 on top and loses slot 2.
 *
 * Evidence: the rows `pauses`: `calls` of others meanwhile, `answered`, A's answer, `left` as in tagged_paused.c;
 * `stuck`, if one of the first calls did not end within STEP_LIMIT steps. */
#include <pthread.h>
#include <stdbool.h>

#include "driver.h"
#include "evidence.h"
#include "gate.h"
#include "pace.h"

#define HALF (UINT64_C(1) << 19)
#define STEP_LIMIT 20000
#define POINTS_MAX 64
#define LEFT_MAX 8
#define NONE UINT32_MAX

EVIDENCE_ROW(pause, parked_at, calls, answered, left);

static struct {
    struct tagged_stack *stack;
    uint64_t k, calls;
    uint32_t answered;
    struct pace_place place;
} now = {.place = PACE_PLACE};
static struct pause pauses[POINTS_MAX];
static size_t count;

static void stuck(void) {
    evidence_rows("pauses", pause, pauses, count);
    evidence_count("stuck", 1);
    evidence_end();
}

static void *pop_and_park(void *unused) {
    pace_park_at(&now.place, now.k);
    now.answered = tagged_pop(now.stack);
    pace_park_over();
    return unused;
}

static uint32_t pop(void) {
    now.calls++;
    return tagged_pop(now.stack);
}

static void push(uint32_t slot) {
    now.calls++;
    (void)tagged_push(now.stack, slot); /* what is lost shows at the end */
}

static void push_and_pop(uint32_t slot, uint64_t times) {
    for (uint64_t i = 0; i < times; i++) {
        push(slot);
        (void)pop(); /* the same slot: nobody else is at work */
        if (i % 4096 == 0) evidence_progress();
    }
}

/* 2^20 pushes, 2^19 of them of slot 0: 2, then 2^19 - 2, then 2^19 - 1, then 1. As many pops. */
static void meanwhile(void) {
    uint32_t inside[3];
    pace_count_steps(STEP_LIMIT, stuck);
    for (int i = 0; i < 3; i++) inside[i] = pop();
    pace_count_steps(0, NULL);
    if (inside[2] == NONE) { /* A's pop has happened: what it saw is of no use to it any more */
        for (int i = 1; i >= 0; i--)
            if (inside[i] != NONE) push(inside[i]);
        return;
    }
    push(inside[1]), push(inside[2]);
    push_and_pop(3, HALF - 2);
    push_and_pop(inside[0], HALF - 1);
    push(inside[0]);
}

static uint64_t empty(void) {
    uint64_t left = 0;
    for (unsigned i = 0; i < LEFT_MAX; i++) {
        uint32_t slot = tagged_pop(now.stack);
        if (slot == NONE) break;
        left |= (uint64_t)((slot + 1) & 15) << 4 * i;
    }
    return left;
}

/* false: the pop has fewer than k steps. */
static bool try_at(uint64_t k) {
    now.stack = new_tagged(4);
    now.k = k, now.calls = 0;
    for (uint32_t slot = 3; slot-- > 0;) (void)tagged_push(now.stack, slot); /* a new stack: see tagged_keeps_one */
    pthread_t a = gate_thread(pop_and_park, NULL);
    bool parked = pace_wait_parked(&now.place);
    if (parked) {
        meanwhile();
        pace_release(&now.place, 0);
    }
    pthread_join(a, NULL);
    if (parked) {
        struct pause *pause = &pauses[count++];
        *pause = (struct pause){k, now.calls, now.answered, empty()};
    }
    tagged_free(now.stack);
    return parked;
}

void tagged_wrap(uint64_t seed) {
    (void)seed; /* nothing is left to chance: every step is tried */
    for (uint64_t k = 1; k <= POINTS_MAX && try_at(k); k++) evidence_progress();
    evidence_rows("pauses", pause, pauses, count);
}
