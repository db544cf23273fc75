/* SPDX-License-Identifier: MIT */
/* pace.h -- how a driver of the `stress` build steers its threads' pace.
 *
 * A thread is steady until it calls pace_unsteady() or pace_park_at(). Steps
 * are the basic blocks and atomic operations that the learner's code executed
 * on the calling thread; in other builds nothing is counted. */
#ifndef C10KATA_PACE_H
#define C10KATA_PACE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* One step: native/stress takes it before each atomic operation of the learner's. */
void pace_atomic_step(void);

/* From here on, this thread stalls now and then before an atomic operation. */
void pace_unsteady(uint64_t seed, uint64_t stream);

/* Where one thread stops and another one waits for that. */
struct pace_place {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    enum { PACE_COMING, PACE_PARKED, PACE_OVER } state;
    uint64_t again;
};
#define PACE_PLACE {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER}

/* This thread stops at its `step`-th step from now (1 is the first), until
 * pace_release(). A place belongs to one thread at a time. */
void pace_park_at(struct pace_place *place, uint64_t step);

/* Waits until the parking thread has parked (true), or has called
 * pace_park_over() without getting that far (false). */
bool pace_wait_parked(struct pace_place *place);

/* The parking thread, done with the call that was to be parked in. */
void pace_park_over(void);

/* Lets the parked thread go on, to stop again at its `again`-th step from
 * there; 0: not again. */
void pace_release(struct pace_place *place, uint64_t again);

/* Counts this thread's steps from zero. At `limit` (0: none) `overrun` is
 * called on this thread, inside the learner's code, and must not return. */
void pace_count_steps(uint64_t limit, void (*overrun)(void));
uint64_t pace_steps(void);

/* So many steps more, taken by the C library for this thread. */
void pace_add_steps(uint64_t steps);

#endif
