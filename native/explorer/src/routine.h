/* SPDX-License-Identifier: MIT
 *
 * routine.h -- a thread's start routine, from its call to the end of the thread. */
#ifndef ROUTINE_H
#define ROUTINE_H

/* Calls the running thread's start routine, then ends the thread. */
_Noreturn void routine_run(void);

/* Ends the running thread: destructors, then the schedule goes on without it. */
_Noreturn void routine_end(void *result);

#endif
