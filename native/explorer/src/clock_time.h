/* SPDX-License-Identifier: MIT
 *
 * clock_time.h -- virtual time as the C library shows it. */
#ifndef CLOCK_TIME_H
#define CLOCK_TIME_H

#include <stdint.h>
#include <time.h>

/* The virtual time at which this clock shows `when`. The realtime clock is far ahead of the
 * monotonic one, so that a deadline computed on one and waited for on the other never works by
 * chance. */
uint64_t deadline_on(clockid_t, const struct timespec *when);

#endif
