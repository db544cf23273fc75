/* SPDX-License-Identifier: MIT
 *
 * deadlock.h -- no thread can run any more, and not all have ended. */
#ifndef DEADLOCK_H
#define DEADLOCK_H

/* Says which thread waits for what, and which have ended. "All asleep" where no thread waits for a lock, and one sleeps
 * on a condition variable or a semaphore: a wakeup was lost, or what it waits for never comes. */
_Noreturn void report_deadlock(void);

#endif
