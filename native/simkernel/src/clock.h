/* SPDX-License-Identifier: MIT */
/* clock.h -- virtual time, in nanoseconds. It moves by a microsecond per
 * system call, and jumps when the server sleeps and nothing else can happen. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

#define NEVER UINT64_MAX
#define NS_PER_MS 1000000u

extern uint64_t clock_now;

void clock_reset(void);
/* `ring` is called once when the time comes; NEVER takes it back. One alarm
 * per pair of function and argument. */
void clock_alarm(uint64_t at, void (*ring)(void *), void *argument);
uint64_t clock_next(void);
void clock_advance(uint64_t to);

#endif
