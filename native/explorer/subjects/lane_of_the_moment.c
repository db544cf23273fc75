/* SPDX-License-Identifier: MIT
 *
 * lane_of_the_moment.c -- the time stamp, which the explorer does not choose, decides what this program does. Its
 * failure is a failure, although the same choices do not lead to it again.
 *
 * planted 1 (property): one moment in eight, two items change places */
#include "explore.h"

#ifndef PLANTED
#define PLANTED 0
#endif

static unsigned moment(void) {
#ifdef __x86_64__
    return (unsigned)(__builtin_ia32_rdtsc() >> 7) % 8;
#else
    static unsigned long ticks;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return (unsigned)ticks % 8;
#endif
}

static void run(void) {
    int lanes[2] = {1, 2};
    unsigned lane = PLANTED ? moment() == 0 : 0;
    if (lanes[lane] != 1) explore_fail("item %d comes out first, and item 1 was pushed before it", lanes[lane]);
}

const struct explore_scenario explore_scenarios[] = {{"two_items", run}, {NULL, NULL}};
