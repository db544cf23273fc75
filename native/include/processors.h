/* SPDX-License-Identifier: MIT */
/* processors.h -- the machine that the learner's code believes to run on: how many processors it has, and on which one
 * a thread is. In the stress build of a kata whose kata.ts has `intercepted: PROCESSOR_CALLS`; elsewhere, and until a
 * driver says otherwise, it is the real one. */
#ifndef C10KATA_PROCESSORS_H
#define C10KATA_PROCESSORS_H

#include <stdint.h>

/* So many processors work. Their numbers need not be the first ones: those of a machine of which some are switched off
 * have gaps. 0: as many as the real machine has. */
void processors_work(uint64_t count);

/* The calling thread is on this one and stays there. */
void processor_is(uint64_t number);

/* From here on the calling thread may be on another of the first `count` at each of its steps. */
void processor_moves(uint64_t seed, uint64_t stream, uint64_t count);

#endif
