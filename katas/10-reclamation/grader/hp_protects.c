/* SPDX-License-Identifier: MIT */
/* hp_protects.c -- what is protected stays, and all is reclaimed once; one thread, with all handles of a domain.
 *
 *   hp_protects
 *
 * Each slot protects an object; then the objects are retired, and many others. One object is protected by two slots, of
 * which first one is cleared, then the other protects something else. Then one handle after the other retires alone
 * what all slots protect, goes on when they are cleared, and pops a value off a stack, while its other slots protect
 * objects. At last the domain is freed.
 *
 * Evidence: the rows `lives`, one for each size of a domain. `wrong`: answers of hp_protect that were not what `from`
 * held. `early`: objects reclaimed while protected, the two-fold one among them; `popped`: those of them that a pop's
 * other slots protected. `astray`: objects reclaimed by hp_protect, hp_clear or hp_stack_push. `late`: objects that
 * nothing protected any more, and that waited after as many others had been retired through their handle as may wait.
 * `nodes`: so many of a stack, popped, were allocated after that. */
#include <stdlib.h>

#include "driver.h"
#include "evidence.h"
#include "heap.h"
#include "objects.h"

EVIDENCE_ROW(life, threads, slots, retired, wrong, early, popped, astray, late, nodes, twice, missing);

static struct {
    uint64_t threads, slots, all;
    struct hp_domain *domain;
    struct hp_thread **handles;
    _Atomic(void *) *cells;
    struct life *life;
} now;

static void protect(uint64_t slot, _Atomic(void *) *from) {
    void *due = *from;
    objects_stay(true);
    now.life->wrong += hp_protect(now.handles[slot / now.slots], slot % now.slots, from) != due;
    objects_stay(false);
}

static void clear(uint64_t slot) {
    objects_stay(true);
    hp_clear(now.handles[slot / now.slots], slot % now.slots);
    objects_stay(false);
}

/* As many through each handle as may wait. */
static void retire_others(void) {
    for (uint64_t i = 0; i < objects_may_wait(now.threads, now.slots); i++)
        for (uint64_t t = 0; t < now.threads; t++) object_retire(now.handles[t], object_new());
}

/* As many as may wait through this handle, while all others are idle. */
static void retire_through(struct hp_thread *me) {
    for (uint64_t i = 0; i < objects_may_wait(now.threads, now.slots); i++) object_retire(me, object_new());
}

static struct object *take_out(uint64_t cell) {
    return atomic_exchange_explicit(&now.cells[cell], NULL, memory_order_relaxed);
}

static void hold(uint64_t slot) {
    struct object *object = object_new();
    now.cells[slot] = object;
    protect(slot, &now.cells[slot]);
    object->held = 1;
}

static void retire_held(struct object **held) {
    for (uint64_t slot = 0; slot < now.all; slot++) {
        held[slot] = take_out(slot);
        object_retire(now.handles[slot % now.threads], held[slot]);
    }
}

/* What the slots protect is retired, and at once what they protect next: the first ones wait while the others come. */
static void each_slot(void) {
    struct object **held = calloc(2 * now.all, sizeof *held), **first = held + now.all;
    for (uint64_t slot = 0; slot < now.all; slot++) hold(slot);
    retire_held(first);
    for (uint64_t slot = 0; slot < now.all; slot++) first[slot]->held = 0, hold(slot);
    retire_held(held);
    retire_others();
    for (uint64_t slot = 0; slot < now.all; slot++) {
        held[slot]->held = 0;
        if (slot % 2)
            clear(slot);
        else
            protect(slot, &now.cells[slot]); /* NULL by now */
    }
    retire_others();
    for (uint64_t i = 0; i < 2 * now.all; i++) now.life->late += !held[i]->reclaimed;
    free(held);
}

/* Slots 0 and the last one; with one slot in all, they are the same. */
static void two_slots(void) {
    struct object *twofold = object_new();
    now.cells[0] = twofold;
    protect(0, &now.cells[0]), protect(now.all - 1, &now.cells[0]);
    twofold->held = 1;
    object_retire(now.handles[0], take_out(0));
    retire_others();
    if (now.all > 1) clear(0);
    retire_others();
    twofold->held = 0;
    now.cells[0] = object_new();
    protect(now.all - 1, &now.cells[0]);
    retire_others();
    now.life->late += !twofold->reclaimed;
    clear(now.all - 1);
    object_retire(now.handles[0], take_out(0));
}

/* What all slots protect is retired through one handle. */
static void one_retires(struct hp_thread *me) {
    struct object **held = calloc(now.all, sizeof *held);
    for (uint64_t slot = 0; slot < now.all; slot++) hold(slot);
    for (uint64_t slot = 0; slot < now.all; slot++) held[slot] = take_out(slot), object_retire(me, held[slot]);
    for (uint64_t slot = 0; slot < now.all; slot++) {
        held[slot]->held = 0;
        clear(slot);
    }
    retire_through(me);
    for (uint64_t slot = 0; slot < now.all; slot++) now.life->late += !held[slot]->reclaimed;
    free(held);
}

/* A pop uses slot 0, which protects nothing afterwards: its node goes as others do. The handle's other slots are left
 * as they are. */
static void pops(uint64_t handle) {
    struct hp_thread *me = now.handles[handle];
    struct hp_stack *stack = new_hp_stack(now.domain);
    uint64_t value, before_it = objects_seen().early, first = handle * now.slots + 1, end = (handle + 1) * now.slots;
    struct object **held = calloc(now.slots, sizeof *held);
    int64_t before = heap_live();
    for (uint64_t slot = first; slot < end; slot++) hold(slot), held[slot - first] = now.cells[slot];
    objects_stay(true);
    for (int i = 0; i < 2; i++) (void)hp_stack_push(stack, me, 7); /* there is memory */
    objects_stay(false);
    for (int i = 0; i < 2; i++) (void)hp_stack_pop(stack, me, &value); /* what it answers: other checks' concern */
    for (uint64_t slot = first; slot < end; slot++) object_retire(me, take_out(slot));
    retire_through(me);
    now.life->popped += objects_seen().early - before_it;
    if (heap_live() > before) now.life->nodes += (uint64_t)(heap_live() - before);
    for (uint64_t slot = first; slot < end; slot++) held[slot - first]->held = 0, clear(slot);
    free(held);
    hp_stack_free(stack, me);
}

static void live(struct life *life, uint64_t threads, uint64_t slots) {
    objects_begin();
    now.threads = threads, now.slots = slots, now.all = threads * slots, now.life = life;
    now.domain = new_domain(threads, slots);
    now.handles = calloc(threads, sizeof *now.handles);
    now.cells = calloc(now.all, sizeof *now.cells);
    for (uint64_t t = 0; t < threads; t++) now.handles[t] = attached(now.domain);
    each_slot();
    two_slots();
    for (uint64_t t = 0; t < threads; t++) one_retires(now.handles[t]), pops(t);
    for (uint64_t t = 0; t < threads; t++) hp_detach(now.handles[t]);
    hp_free(now.domain);
    free(now.handles), free(now.cells);
    struct objects seen = objects_seen();
    life->threads = threads, life->slots = slots, life->retired = seen.retired;
    life->early = seen.early, life->astray = seen.astray, life->twice = seen.twice, life->missing = seen.missing;
    evidence_progress();
}

void hp_protects(uint64_t seed) {
    static const uint64_t sizes[][2] = {{1, 1}, {1, 5}, {3, 2}, {2, 100}, {12, 3}};
    struct life lives[sizeof sizes / sizeof *sizes] = {0};
    (void)seed; /* nothing is left to chance */
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) live(&lives[i], sizes[i][0], sizes[i][1]);
    evidence_rows("lives", life, lives, sizeof sizes / sizeof *sizes);
}
