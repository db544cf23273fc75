/* SPDX-License-Identifier: MIT */
/* explore.c -- the traffic of kata 09 under the schedule explorer: a scenario for each file. */
#include "explore.h"
#include "explored.h"

#include <stddef.h>
#include <time.h>

uint64_t clock_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void check_not_early(const char *call, uint64_t deadline_ns) {
    uint64_t now_ns = clock_ns();
    if (now_ns < deadline_ns)
        explore_fail("%s answered false %llu ns before its deadline", call, (unsigned long long)(deadline_ns - now_ns));
}

const struct explore_scenario explore_scenarios[] = {
    {"spin", explore_spin},
    {"mutex", explore_mutex},
    {"condvar", explore_condvar},
    {"rwlock", explore_rwlock},
    {"semaphore", explore_semaphore},
    {"mutex_small", explore_mutex_small},
    {"condvar_small", explore_condvar_small},
    {NULL, NULL},
};
