/* SPDX-License-Identifier: MIT
 *
 * chance.h -- spurious wakeups, and time that passes. */
#ifndef CHANCE_H
#define CHANCE_H

void maybe_wake_spuriously(void);
void maybe_pass_time(void);

#endif
