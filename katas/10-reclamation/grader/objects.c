/* SPDX-License-Identifier: MIT */
/* objects.c -- see objects.h. Counts are relaxed: they must not order what the learner's code has to order. */
#include "objects.h"

#include <stdlib.h>
#include <string.h>

#define OBJECTS_MAX 600000

static struct object table[OBJECTS_MAX];
static _Atomic uint64_t made, returned, reclaimed, most, early, astray;
static _Thread_local bool stay_now;

void objects_begin(void) {
    memset(table, 0, made * sizeof table[0]);
    made = returned = reclaimed = most = early = astray = 0;
}

void objects_stay(bool stay) {
    stay_now = stay;
}

struct object *object_new(void) {
    uint64_t at = atomic_fetch_add_explicit(&made, 1, memory_order_relaxed);
    if (at >= OBJECTS_MAX) abort();
    return &table[at];
}

void object_reclaimed(void *argument) {
    struct object *object = argument;
    atomic_fetch_add_explicit(&object->reclaimed, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&reclaimed, 1, memory_order_relaxed);
    if (stay_now) atomic_fetch_add_explicit(&astray, 1, memory_order_relaxed);
    if (atomic_load_explicit(&object->held, memory_order_relaxed))
        atomic_fetch_add_explicit(&early, 1, memory_order_relaxed);
}

static void note_waiting(void) {
    uint64_t back = atomic_fetch_add_explicit(&returned, 1, memory_order_relaxed) + 1;
    uint64_t done = atomic_load_explicit(&reclaimed, memory_order_relaxed);
    uint64_t waiting = back > done ? back - done : 0, before = atomic_load_explicit(&most, memory_order_relaxed);
    while (waiting > before && !atomic_compare_exchange_weak_explicit(&most, &before, waiting, memory_order_relaxed,
                                                                      memory_order_relaxed)) {
    }
}

void object_retire_with(struct hp_thread *me, struct object *object, void (*reclaim)(void *)) {
    object->retired = 1;
    hp_retire(me, object, reclaim);
    note_waiting();
}

void object_retire(struct hp_thread *me, struct object *object) {
    object_retire_with(me, object, object_reclaimed);
}

struct objects objects_seen(void) {
    struct objects seen = {.made = made, .most_waiting = most, .early = early, .astray = astray};
    for (struct object *o = table; o < table + seen.made; o++) {
        seen.retired += o->retired;
        seen.twice += o->reclaimed > 1 || o->reclaimed > o->retired;
        seen.missing += o->retired && o->reclaimed == 0;
    }
    return seen;
}

uint64_t objects_waiting(void) {
    return returned > reclaimed ? returned - reclaimed : 0;
}

uint64_t objects_may_wait(uint64_t threads, uint64_t slots) {
    return threads * slots + 64 * threads;
}
