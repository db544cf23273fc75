/* SPDX-License-Identifier: MIT
 *
 * chance.h -- spurious wakeups, and time that passes. */
#ifndef CHANCE_H
#define CHANCE_H

void chance_reset(void);

/* No more spurious wakeups and interruptions in this execution. Time goes on passing. */
void chance_forbid_interruptions(void);

void maybe_wake_spuriously(void);

/* What a futex_wait that finds what it expects answers at once, or 1: it sleeps. */
int maybe_refuse_to_sleep(void);

void maybe_pass_time(void);

#endif
