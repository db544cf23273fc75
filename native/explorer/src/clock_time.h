/* SPDX-License-Identifier: MIT
 *
 * clock_time.h -- virtual time as the C library shows it. */
#ifndef CLOCK_TIME_H
#define CLOCK_TIME_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* The virtual time at which this clock shows `when`. The realtime clock is far ahead of the
 * monotonic one, so that a deadline computed on one and waited for on the other never works by
 * chance. */
uint64_t deadline_on(clockid_t, const struct timespec *when);

/* How long a call may wait: until `clock` shows `when`; without `when`, for ever. */
struct timeout {
    clockid_t clock;
    const struct timespec *when;
};

#define FOREVER ((struct timeout){0, NULL})

/* In virtual time. To be asked behind the call's scheduling point: until there the clock may be set. */
uint64_t timeout_deadline(struct timeout);

/* POSIX: EINVAL where the nanoseconds are negative or a whole second, and the call would have to wait. */
bool nanoseconds_are_valid(const struct timespec *);
bool timeout_is_valid(struct timeout);

#endif
