/* SPDX-License-Identifier: MIT
 *
 * time_calls.c -- clocks and sleeps, in virtual time. */
#include "clock_time.h"
#include "footprint.h"
#include "kinds.h"
#include "models.h"
#include "progress.h"
#include "schedule.h"
#include "subject.h"

#include <errno.h>
#include <sys/time.h>
#include <unistd.h>

enum { NS_PER_S = 1000000000, LOOK_NS = 1000, TICK_NS = 4000000 };

static uint64_t looks;
static uint64_t coarse_ns;      /* what coarse clocks have shown, as virtual time and a tick */
static int64_t realtime_step_s; /* how far it has been set from where it would be */

void time_calls_reset(void) {
    looks = coarse_ns = 0;
    realtime_step_s = 0;
}

void time_calls_step_realtime(int64_t seconds) {
    touch_everything();
    realtime_step_s += seconds;
}

static const uint64_t realtime_start_s = 1700000000, monotonic_start_s = 1000;

static bool is_realtime(clockid_t clock) {
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

static uint64_t start_s(clockid_t clock) {
    return is_realtime(clock) ? realtime_start_s + (uint64_t)realtime_step_s : monotonic_start_s;
}

/* So far away that it never comes: virtual time must not wrap around when it jumps there. */
enum { NEVER_S = 146 * 365 * 86400u };

uint64_t deadline_on(clockid_t clock, const struct timespec *when) {
    uint64_t start = start_s(clock);
    if (when->tv_sec < 0 || (uint64_t)when->tv_sec < start) return 0;
    if ((uint64_t)when->tv_sec - start > NEVER_S) return NO_DEADLINE;
    return ((uint64_t)when->tv_sec - start) * NS_PER_S + (uint64_t)when->tv_nsec;
}

uint64_t timeout_deadline(struct timeout timeout) {
    return timeout.when ? deadline_on(timeout.clock, timeout.when) : NO_DEADLINE;
}

bool nanoseconds_are_valid(const struct timespec *time) {
    return time->tv_nsec >= 0 && time->tv_nsec < NS_PER_S;
}

bool timeout_is_valid(struct timeout timeout) {
    return !timeout.when || nanoseconds_are_valid(timeout.when);
}

/* A coarse clock shows the time of the latest tick, which may be as good as a whole tick ago. It never goes back. */
static uint64_t coarse(uint64_t now_ns) {
    uint64_t shown = choose(CHOOSE_LAG, 2) ? now_ns - (TICK_NS - 1) : now_ns;
    if (shown > coarse_ns) coarse_ns = shown;
    return coarse_ns;
}

/* Every look at the clock finds it further ahead than the one before, so that a loop until a time comes to its end
 * within the explorer's steps. */
static struct timespec show(clockid_t clock) {
    touch_everything();
    progress_jump_to(progress_now_ns() + ++looks * LOOK_NS);
    uint64_t now = progress_now_ns() + TICK_NS; /* the tick keeps a clock that lags from being negative */
    if (clock == CLOCK_MONOTONIC_COARSE || clock == CLOCK_REALTIME_COARSE) now = coarse(now);
    uint64_t start = start_s(clock) * NS_PER_S - TICK_NS;
    return (struct timespec){(time_t)((start + now) / NS_PER_S), (long)((start + now) % NS_PER_S)};
}

int model_clock_gettime(clockid_t clock, struct timespec *out) {
    schedule_point("reads the clock", CALLER);
    *out = show(clock);
    return 0;
}

int model_timespec_get(struct timespec *out, int base) {
    schedule_point("reads the clock", CALLER);
    *out = show(CLOCK_REALTIME);
    return base;
}

int model_gettimeofday(struct timeval *out, void *unused) {
    (void)unused;
    schedule_point("reads the clock", CALLER);
    struct timespec now = show(CLOCK_REALTIME);
    *out = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

time_t model_time(time_t *out) {
    schedule_point("reads the clock", CALLER);
    time_t now = show(CLOCK_REALTIME).tv_sec;
    if (out) *out = now;
    return now;
}

/* As if this process had the processor all the time. */
clock_t model_clock(void) {
    schedule_point("reads the clock", CALLER);
    struct timespec now = show(CLOCK_MONOTONIC);
    return (now.tv_sec - (time_t)monotonic_start_s) * CLOCKS_PER_SEC + now.tv_nsec / (NS_PER_S / CLOCKS_PER_SEC);
}

int model_clock_getres(clockid_t clock, struct timespec *out) {
    (void)clock;
    if (out) *out = (struct timespec){0, 1};
    return 0;
}

static uint64_t after(uint64_t seconds, uint64_t ns) {
    return progress_now_ns() + seconds * NS_PER_S + ns;
}

int model_nanosleep(const struct timespec *time, struct timespec *left) {
    (void)left; /* written only when interrupted, and nobody interrupts */
    if (!nanoseconds_are_valid(time) || time->tv_sec < 0) return errno = EINVAL, -1;
    schedule_sleep(after((uint64_t)time->tv_sec, (uint64_t)time->tv_nsec), CALLER);
    return 0;
}

int model_clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left) {
    (void)left;
    if (!nanoseconds_are_valid(time) || time->tv_sec < 0) return EINVAL;
    bool absolute = flags & TIMER_ABSTIME;
    if (absolute) schedule_point("sleeps", CALLER);
    uint64_t relative = after((uint64_t)time->tv_sec, (uint64_t)time->tv_nsec);
    schedule_sleep(absolute ? deadline_on(clock, time) : relative, CALLER);
    return 0;
}

int model_usleep(useconds_t us) {
    schedule_sleep(after(0, (uint64_t)us * 1000), CALLER);
    return 0;
}

unsigned model_sleep(unsigned seconds) {
    schedule_sleep(after(seconds, 0), CALLER);
    return 0;
}

int model_sched_yield(void) {
    schedule_yield("yields", CALLER);
    return 0;
}

void model_thrd_yield(void) {
    schedule_yield("yields", CALLER);
}
