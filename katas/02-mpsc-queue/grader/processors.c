/* SPDX-License-Identifier: MIT */
/* processors.c -- the calling thread on one processor after another. */
#include <sched.h>

#include "driver.h"

static int nth_of(const cpu_set_t *set, uint64_t nth) {
    for (int cpu = 0;; cpu = (cpu + 1) % CPU_SETSIZE)
        if (CPU_ISSET(cpu, set) && nth-- == 0) return cpu;
}

/* Where the kernel refuses, the thread stays where it is, and is none that moves. */
void processors_each(uint64_t visits, void (*visit)(uint64_t number)) {
    cpu_set_t all, one;
    if (sched_getaffinity(0, sizeof all, &all) != 0) CPU_ZERO(&all);
    uint64_t count = (uint64_t)CPU_COUNT(&all);
    for (uint64_t i = 0; i < visits; i++) {
        CPU_ZERO(&one);
        if (count > 1) CPU_SET(nth_of(&all, i % 2 ? 1 + i / 2 % (count - 1) : 0), &one);
        (void)sched_setaffinity(0, sizeof one, &one);
        visit(i);
    }
    (void)sched_setaffinity(0, sizeof all, &all);
}
