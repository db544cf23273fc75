/* SPDX-License-Identifier: MIT */
/* own.h -- what the grader's side of a guest keeps for itself: counts that a
 * check believes. Variables that are marked so lie together, and native/stress
 * refuses every access of the code under test to them. Private to native/. */
#ifndef C10KATA_OWN_H
#define C10KATA_OWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "futex_calls.h"
#include "graders_own.h"
#include "rng.h"

struct pace_place;

/* Of a thread, in pace.c. */
struct pace {
    bool unsteady;
    struct rng rng;
    uint64_t steps, limit, park_in;
    struct pace_place *place;
    void (*overrun)(void);
};
extern _Thread_local struct pace pace_self;

void pace_place_set(struct pace_place *, int state);

/* Of a thread, in futex.c. */
struct futex_self {
    struct futex_calls calls;
    struct pace_place *told; /* whom it tells of its next sleep, or NULL */
    uint64_t told_at;
};
extern _Thread_local struct futex_self futex_self;

/* Made by the linker. */
extern const char __start_graders_own[], __stop_graders_own[];

/* Of these bytes, is any the grader's own? */
static inline bool is_graders_own(const volatile void *at, size_t size) {
    uintptr_t from = (uintptr_t)at, to = from + size;
    return (from < (uintptr_t)__stop_graders_own && to > (uintptr_t)__start_graders_own) ||
           (from < (uintptr_t)(&pace_self + 1) && to > (uintptr_t)&pace_self) ||
           (from < (uintptr_t)(&futex_self + 1) && to > (uintptr_t)&futex_self);
}

#endif
