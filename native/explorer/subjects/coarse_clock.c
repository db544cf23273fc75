/* SPDX-License-Identifier: MIT
 *
 * coarse_clock.c -- a coarse clock shows the time of the latest tick, up to 4 ms ago, and never goes back.
 *
 * planted 1 (property): a deadline of 10 ms, reckoned from a coarse clock, comes too early
 * planted 2 (property): the coarse time of day, likewise */
#define _GNU_SOURCE
#include "explore.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#ifndef PLANTED
#define PLANTED 0
#endif

enum { NS_PER_S = 1000000000, WAIT_NS = 10000000, TICK_NS = 4000000 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static long ns_since(clockid_t clock, struct timespec begun) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (now.tv_sec - begun.tv_sec) * NS_PER_S + now.tv_nsec - begun.tv_nsec;
}

static void wait_until(clockid_t clock, struct timespec when) {
    when.tv_nsec += WAIT_NS;
    if (when.tv_nsec >= NS_PER_S) when.tv_sec++, when.tv_nsec -= NS_PER_S;
    pthread_mutex_lock(&mutex);
    while (pthread_cond_clockwait(&changed, &mutex, clock, &when) != ETIMEDOUT) continue;
    pthread_mutex_unlock(&mutex);
}

static void run(void) {
    clockid_t fine = PLANTED == 2 ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    clockid_t rough = PLANTED == 2 ? CLOCK_REALTIME_COARSE : CLOCK_MONOTONIC_COARSE;
    struct timespec begun, coarse;
    clock_gettime(fine, &begun);
    clock_gettime(rough, &coarse);
    if (ns_since(fine, coarse) > TICK_NS + 100000) explore_fail("the coarse clock lags by more than a tick");
    if (ns_since(rough, coarse) < 0) explore_fail("the coarse clock goes back");
    wait_until(fine, PLANTED ? coarse : begun);
    if (ns_since(fine, begun) < WAIT_NS) explore_fail("10 ms were over too early");
}

const struct explore_scenario explore_scenarios[] = {{"ten_ms", run}, {NULL, NULL}};
