/* SPDX-License-Identifier: MIT */
/* pace.h -- how a driver of the `stress` build steers its threads' pace.
 *
 * A thread is steady until it calls pace_unsteady() or pace_park_at(). Steps
 * are the basic blocks and atomic operations that the learner's code executed
 * on the calling thread; in other builds nothing is counted. */
#ifndef C10KATA_PACE_H
#define C10KATA_PACE_H

#include <stdbool.h>
#include <stdint.h>

/* From here on, this thread stalls now and then before an atomic operation. */
void pace_unsteady(uint64_t seed, uint64_t stream);

/* This thread stops at its `step`-th step from now (1 is the first) until
 * pace_release(). One thread at a time may be told to park. */
void pace_park_at(uint64_t step);

/* Waits until the parking thread has parked (true), or has called
 * pace_park_over() without getting that far (false). */
bool pace_wait_parked(void);

/* The parking thread, done with the call that was to be parked in. */
void pace_park_over(void);

/* Lets the parked thread go on. */
void pace_release(void);

/* Counts this thread's steps from zero. At `limit` (0: none) `overrun` is
 * called on this thread, inside the learner's code, and must not return. */
void pace_count_steps(uint64_t limit, void (*overrun)(void));
uint64_t pace_steps(void);

#endif
