/* SPDX-License-Identifier: MIT
 *
 * deadlock.h -- no thread can run any more, and not all have ended. */
#ifndef DEADLOCK_H
#define DEADLOCK_H

/* Says who waits for what. A lost wakeup when nobody waits for a lock and somebody sleeps. */
_Noreturn void report_deadlock(void);

#endif
