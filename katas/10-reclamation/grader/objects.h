/* SPDX-License-Identifier: MIT */
/* objects.h -- objects that the hazard pointers' driver retires, and what becomes of them. They lie in one table, so
 * that one that was reclaimed too early, twice or never is seen. */
#ifndef OBJECTS_H
#define OBJECTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "hazard.h"

struct object {
    _Atomic uint32_t reclaimed; /* times */
    _Atomic uint32_t held;      /* protected, as the driver knows: it must not be reclaimed */
    uint32_t retired;
};

/* Forgets all objects. */
void objects_begin(void);

/* A new object; any thread. */
struct object *object_new(void);

/* This thread is in a call, from `true` to `false`, that reclaims nothing: not hp_retire, hp_detach, hp_stack_pop or
 * hp_free. */
void objects_stay(bool stay);

/* Retires it, and notes how many wait then: those of which the call of hp_retire has returned and that were not
 * reclaimed. */
void object_retire(struct hp_thread *me, struct object *object);

/* The same with a function of the caller's, which calls object_reclaimed(). */
void object_retire_with(struct hp_thread *me, struct object *object, void (*reclaim)(void *));
void object_reclaimed(void *object);

struct objects {
    uint64_t made, retired, most_waiting, early, twice, missing; /* missing: retired, and not reclaimed */
    uint64_t astray;                                             /* reclaimed in a call that must not */
};
struct objects objects_seen(void);

/* So many wait now. */
uint64_t objects_waiting(void);

/* As many as may wait in such a domain. */
uint64_t objects_may_wait(uint64_t threads, uint64_t slots);

#endif
