/* SPDX-License-Identifier: MIT */
/* futex_calls.h -- what a driver may know of its threads' calls of futex_wait and futex_wake.
 *
 * The guest has both over the system call, private and by the monotonic clock, for every kata whose kata.ts imports
 * them. On a thread that is unsteady (pace.h) a wait may be slow to begin, and may answer 0 or -EINTR at once. */
#ifndef C10KATA_FUTEX_CALLS_H
#define C10KATA_FUTEX_CALLS_H

#include <stdint.h>

#include "pace.h"

/* `timed`: of the waits, those with a deadline. `asked`: how many threads all the wakes were to wake. */
struct futex_calls {
    uint64_t waits, timed, wakes, asked;
};

/* The calling thread's, so far. */
struct futex_calls futex_calls(void);

/* The calling thread tells `place` once, when it is about to sleep in futex_wait: pace_wait_parked() answers true then.
 * A wait whose word no longer holds what it expects does not sleep, and tells nothing. Nobody has to release the
 * thread; pace_release() makes the place ready for the next one. */
void futex_tell(struct pace_place *place);

/* The telling thread, done with the call that was to sleep: if it has not, pace_wait_parked() answers false. */
void futex_tell_over(void);

/* The steps (pace_steps) that the calling thread had taken when it told. */
uint64_t futex_told_at(void);

#endif
