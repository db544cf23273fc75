/* SPDX-License-Identifier: MIT */
/* hp_paused.c -- a thread that stops anywhere inside any call stops nobody else.
 *
 *   hp_paused
 *
 * Thread A stops at its k-th step inside a call, for all small k and some larger ones. Meanwhile the main thread
 * attaches a handle, pushes, pops, protects, retires 140 objects, detaches, and makes another domain; what does not end
 * within STEP_LIMIT
 * steps never will. Then A goes on, the stack is emptied, and all is freed.
 *
 * Evidence: the rows `runs`: `call`, in the order of `enum call`; `pushed` and `popped`, sums of values; `early`,
 * `twice` and `missing`, of the objects; `refused`, whether hp_attach answered NULL. `overrun_call` and `overrun_in`,
 * if a call did not end. */
#include <pthread.h>
#include <stdbool.h>

#include "driver.h"
#include "evidence.h"
#include "gate.h"
#include "graders_own.h"
#include "objects.h"
#include "pace.h"

#define STEP_LIMIT 40000
#define POINTS_MAX 120    /* of k, per call */
#define POINTS_OF_NEW 300 /* every step: what is locked there is locked for some steps only */
#define RETIRED_BY_A 70
#define RETIRED_BY_MAIN 140
#define OF_A 1000

enum call { PROTECT, CLEAR, RETIRE, ATTACH, DETACH, PUSH, POP, NEW, CALLS };

EVIDENCE_ROW(run, call, parked_at, pushed, popped, early, twice, missing, refused);

static struct {
    enum call call;
    uint64_t k, popped, pushed, of_a;
    bool refused;
    struct hp_domain *domain;
    struct hp_thread *a, *main;
    struct hp_stack *stack;
    struct object *held;
    struct pace_place place;
} now = {.place = PACE_PLACE};

static HANDED_OVER _Atomic(void *) cell;

static struct run runs[CALLS * POINTS_MAX + POINTS_OF_NEW];
static size_t run_count;
static enum call calling;

static void overrun(void) {
    evidence_rows("runs", run, runs, run_count);
    evidence_count("overrun_call", calling);
    evidence_count("overrun_in", now.call);
    evidence_end();
}

static void begin(enum call call) {
    calling = call;
    pace_count_steps(STEP_LIMIT, overrun);
}

static void end(void) {
    pace_count_steps(0, NULL);
}

static void do_call(void) {
    uint64_t value = 0;
    switch (now.call) {
    case PROTECT:
        (void)hp_protect(now.a, 1, &cell); /* what it answers, is another check's concern */
        break;
    case CLEAR:
        hp_clear(now.a, 1);
        break;
    case RETIRE:
        for (int i = 0; i < RETIRED_BY_A; i++) object_retire(now.a, object_new());
        break;
    case ATTACH:
        now.a = hp_attach(now.domain);
        now.refused = !now.a;
        break;
    case DETACH:
        hp_detach(now.a);
        now.a = NULL;
        break;
    case PUSH:
        if (hp_stack_push(now.stack, now.a, OF_A)) now.of_a = OF_A;
        break;
    case NEW:
        hp_free(new_domain(1, 1));
        break;
    default:
        if (hp_stack_pop(now.stack, now.a, &value)) now.of_a = value;
    }
}

static void *call_and_park(void *unused) {
    pace_park_at(&now.place, now.k);
    do_call();
    pace_park_over();
    return unused;
}

static void push(uint64_t value) {
    begin(PUSH);
    if (hp_stack_push(now.stack, now.main, value)) now.pushed += value;
    end();
}

static bool pop(void) {
    uint64_t value = 0;
    begin(POP);
    bool popped = hp_stack_pop(now.stack, now.main, &value);
    end();
    if (popped) now.popped += value;
    return popped;
}

static void retire(struct object *object) {
    begin(RETIRE);
    object_retire(now.main, object);
    end();
}

/* The object that A has protected in its slot 0 is taken out, and retired. */
static void meanwhile(void) {
    begin(ATTACH);
    struct hp_thread *third = hp_attach(now.domain);
    end();
    now.refused |= !third;
    for (uint64_t value = 10; value < 14; value++) push(value);
    for (int i = 0; i < 3; i++) (void)pop(); /* whether there is one shows in the sums */
    begin(PROTECT);
    (void)hp_protect(now.main, 0, &cell);
    end();
    retire(atomic_exchange_explicit(&cell, object_new(), memory_order_acq_rel));
    for (int i = 0; i < RETIRED_BY_MAIN; i++) retire(object_new());
    begin(CLEAR);
    hp_clear(now.main, 0);
    end();
    begin(DETACH);
    if (third) hp_detach(third);
    end();
    begin(NEW);
    struct hp_domain *other = new_domain(1, 1);
    end();
    hp_free(other);
}

/* A's slot 0 protects an object, except where A has no handle yet, or is about to give it back. */
static void open(void) {
    objects_begin();
    now.domain = new_domain(3, 2);
    now.main = attached(now.domain);
    now.stack = new_hp_stack(now.domain);
    cell = now.held = object_new();
    now.a = now.call == ATTACH ? NULL : attached(now.domain);
    now.popped = now.pushed = now.of_a = 0, now.refused = false;
    for (uint64_t value = 1; value <= 3; value++) push(value);
    if (now.call == ATTACH || now.call == DETACH || now.call == POP) return;
    (void)hp_protect(now.a, 0, &cell);
    now.held->held = 1;
}

static void close(struct run *run) {
    while (pop()) continue;
    now.held->held = 0;
    if (now.a) hp_detach(now.a);
    hp_stack_free(now.stack, now.main);
    hp_detach(now.main);
    hp_free(now.domain);
    struct objects seen = objects_seen();
    *(now.call == PUSH ? &now.pushed : &now.popped) += now.of_a;
    *run = (struct run){now.call, now.k, now.pushed, now.popped, seen.early, seen.twice, seen.missing, now.refused};
}

/* false: the call has fewer than k steps. */
static bool try_at(enum call call, uint64_t k) {
    now.call = call, now.k = k;
    open();
    pthread_t a = gate_thread(call_and_park, NULL);
    bool parked = pace_wait_parked(&now.place);
    if (parked) {
        meanwhile();
        pace_release(&now.place, 0);
    }
    pthread_join(a, NULL);
    close(&runs[run_count]);
    if (parked) run_count++;
    return parked;
}

void hp_paused(uint64_t seed) {
    (void)seed; /* nothing is left to chance */
    for (enum call call = PROTECT; call < CALLS; call++) {
        uint64_t k = 1;
        int most = call == NEW ? POINTS_OF_NEW : POINTS_MAX;
        for (int points = 0; points < most && try_at(call, k); points++) {
            k += call == NEW ? 1 : 1 + k / 16;
            evidence_progress();
        }
    }
    evidence_rows("runs", run, runs, run_count);
}
