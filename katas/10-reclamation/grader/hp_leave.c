/* SPDX-License-Identifier: MIT */
/* hp_leave.c -- threads come, protect, retire, and go.
 *
 *   hp_leave  rounds
 *
 * A handle stays and retires an object in each round. Others come, on threads of their own now and then: each protects
 * an object, retires three, and is detached with its slot as it is.
 *
 * Then: threads_max handles at once, and one more. Then the only handle of a domain protects objects, is detached, and
 * attached again, retires these and as many others as may wait.
 *
 * Then one handle of a domain retires a few objects and is detached, and another one retires as many as may wait.
 *
 * Evidence: `retired`, `refused` (hp_attach answered NULL with a place free), `most` (so many waited), `twice`,
 * `missing`; `handles`, different ones at once, and `one_more`, whether there was one too many; `kept`, objects that a
 * slot from before the detach still protects; `late`, objects of a detached handle that waited when another one had
 * retired as many as may wait. */
#include <stdlib.h>

#include "driver.h"
#include "evidence.h"
#include "graders_own.h"
#include "objects.h"
#include "scenario.h"

#define THREADS 4
#define SLOTS 2
#define FEW 8
#define ON_A_THREAD 8 /* one round in so many */

static struct hp_domain *domain;
static HANDED_OVER _Atomic(void *) cell;
static uint64_t refused;

static void come_and_go(uint64_t round) {
    struct hp_thread *me = hp_attach(domain);
    refused += !me;
    if (!me) return;
    (void)hp_protect(me, round % SLOTS, &cell); /* what it answers, is another check's concern */
    object_retire(me, atomic_exchange_explicit(&cell, object_new(), memory_order_acq_rel));
    for (int i = 0; i < 2; i++) object_retire(me, object_new());
    hp_detach(me);
}

static void all_at_once(void) {
    struct hp_thread *handles[THREADS + 1] = {NULL};
    uint64_t different = 0;
    for (int i = 0; i <= THREADS; i++) {
        handles[i] = hp_attach(domain);
        uint64_t is_new = handles[i] != NULL;
        for (int before = 0; before < i; before++) is_new &= handles[before] != handles[i];
        different += i < THREADS ? is_new : 0;
    }
    evidence_count("handles", different);
    evidence_count("one_more", handles[THREADS] != NULL);
    for (int i = 0; i <= THREADS; i++)
        if (handles[i]) hp_detach(handles[i]);
}

static void slots_are_empty(void) {
    struct object *held[SLOTS];
    uint64_t kept = 0;
    objects_begin();
    struct hp_domain *own = new_domain(1, SLOTS);
    struct hp_thread *me = attached(own);
    for (uint64_t slot = 0; slot < SLOTS; slot++) {
        _Atomic(void *) from = held[slot] = object_new();
        (void)hp_protect(me, slot, &from);
    }
    hp_detach(me);
    me = attached(own);
    for (uint64_t slot = 0; slot < SLOTS; slot++) object_retire(me, held[slot]);
    for (uint64_t i = 0; i < 2 * objects_may_wait(1, SLOTS); i++) object_retire(me, object_new());
    for (uint64_t slot = 0; slot < SLOTS; slot++) kept += !held[slot]->reclaimed;
    evidence_count("kept", kept);
    hp_detach(me);
    hp_free(own);
}

/* Its own first slot protects one of the objects when it is detached, the other one's slot until then. */
static uint64_t late_ones(uint64_t leaver, uint64_t count) {
    struct object *left[FEW];
    struct hp_thread *handles[2];
    uint64_t late = 0;
    objects_begin();
    struct hp_domain *own = new_domain(2, SLOTS);
    for (int i = 0; i < 2; i++) handles[i] = attached(own);
    struct hp_thread *me = handles[leaver], *other = handles[!leaver];
    for (uint64_t i = 0; i < count; i++) left[i] = object_new();
    _Atomic(void *) first = left[0], last = left[count - 1];
    (void)hp_protect(me, 0, &first), (void)hp_protect(other, 0, &last);
    for (uint64_t i = 0; i < count; i++) object_retire(me, left[i]);
    hp_detach(me);
    hp_clear(other, 0);
    for (uint64_t i = 0; i < objects_may_wait(2, SLOTS); i++) object_retire(other, object_new());
    for (uint64_t i = 0; i < count; i++) late += !left[i]->reclaimed;
    hp_detach(other);
    hp_free(own);
    return late;
}

static void others_go_on(void) {
    uint64_t late = 0;
    for (uint64_t count = 1; count <= FEW; count++) late += late_ones(0, count) + late_ones(1, count);
    evidence_count("late", late);
}

void hp_leave(uint64_t seed) {
    uint64_t rounds = scenario_param("rounds");
    (void)seed;
    objects_begin();
    domain = new_domain(THREADS, SLOTS);
    cell = object_new();
    struct hp_thread *stays = attached(domain);
    for (uint64_t round = 0; round < rounds; round++) {
        if (round % ON_A_THREAD)
            come_and_go(round);
        else
            one_thread(come_and_go, round);
        object_retire(stays, object_new());
        if (round % 1024 == 0) evidence_progress();
    }
    hp_detach(stays);
    all_at_once();
    hp_free(domain);
    struct objects seen = objects_seen();
    evidence_count("retired", seen.retired);
    evidence_count("refused", refused);
    evidence_count("most", seen.most_waiting);
    evidence_count("twice", seen.twice);
    evidence_count("missing", seen.missing);
    slots_are_empty();
    others_go_on();
}
