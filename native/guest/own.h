/* SPDX-License-Identifier: MIT */
/* own.h -- what the grader's side of a guest keeps for itself, beyond the variables that are marked so
 * (graders_own.h): what it knows of each thread. Private to native/. */
#ifndef C10KATA_OWN_H
#define C10KATA_OWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "futex_calls.h"
#include "graders_own.h"
#include "rng.h"

struct pace_place;
struct lines_table;

/* Of a thread, in pace.c. */
struct pace {
    bool unsteady;
    struct rng rng;
    uint64_t steps, limit, park_in;
    struct pace_place *place;
    void (*overrun)(void);
};

void pace_place_set(struct pace_place *, int state);

/* The calling thread's next random number. */
uint64_t pace_draw(void);

/* Of a thread, in futex.c. */
struct futex_self {
    struct futex_calls calls;
    struct pace_place *told; /* whom it tells of its next sleep, or NULL */
    uint64_t told_at;
};

struct own_thread {
    uintptr_t owner;
    struct pace pace;
    struct futex_self futex;
    struct lines_table OWN *lines;
} __attribute__((aligned(64)));

/* Before anything of the code under test runs: from here on the marked pages can be read alone. */
void own_seal(void);

/* Are these bytes in a page that was sealed? */
bool own_lies_in(const volatile void *at, size_t size);

/* The calling thread's, sought among all, or made. */
struct own_thread OWN *own_thread_sought(void);

/* The calling thread has begun: what was known of one that has ended, and was in its place, is forgotten. */
void own_thread_begins(void);

/* Ends the run: the code under test was about to reach what is not its own. */
_Noreturn void trespassed(void);

/* Made by the linker. */
extern const char __start_graders_own[], __stop_graders_own[];
extern bool own_sealed;
extern _Thread_local struct own_thread own_thread_unsealed;

#define OWN_THREADS_BITS 14

/* Nowhere else: whatever leads to it could be overwritten, except the thread's own number. */
static inline struct own_thread OWN *own_thread_first(uintptr_t me) {
    size_t at = (me >> 6) * 0x9e3779b97f4a7c15u >> (64 - OWN_THREADS_BITS);
    return (struct own_thread OWN *)(uintptr_t)__stop_graders_own + at;
}

static inline uintptr_t own_thread_pointer(void) {
#if OWN_SEALED
    uintptr_t at;
    __asm__("movq %%fs:0, %0" : "=r"(at));
    return at;
#else
    return 0;
#endif
}

/* The calling thread's. */
static inline struct own_thread OWN *own_thread(void) {
    if (!OWN_SEALED || !own_sealed) return own_at(&own_thread_unsealed);
    uintptr_t me = own_thread_pointer();
    struct own_thread OWN *one = own_thread_first(me);
    return one->owner == me ? one : own_thread_sought();
}

/* Of these bytes, is any the grader's own? */
static inline bool is_graders_own(const volatile void *at, size_t size) {
    uintptr_t from = (uintptr_t)at, to = from + size;
    return (from < (uintptr_t)__stop_graders_own && to > (uintptr_t)__start_graders_own) ||
           (from < (uintptr_t)(&own_thread_unsealed + 1) && to > (uintptr_t)&own_thread_unsealed);
}

#endif
