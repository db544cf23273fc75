/* SPDX-License-Identifier: MIT
 *
 * processors.c -- a count for each processor. A thread may be moved to another one between any two of its steps, and
 * what it knows of its processor is old at once.
 *
 * planted 1 (property): the processor is asked for twice, to read a count and to write it
 * planted 2 (property): who reads and writes the count of its processor in two steps believes that nobody else can
 * planted 3 (race): the counts are plain, since a processor runs one thread at a time */
#define _GNU_SOURCE
#include "explore.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/sysinfo.h>

#ifndef PLANTED
#define PLANTED 0
#endif

enum { PROCESSORS = 2, THREADS = 2, COUNTS = 2 };

static atomic_int counts[PROCESSORS];
static int plain[PROCESSORS];

static unsigned processor(void) {
    unsigned before = 0, node = 0;
    if (get_nprocs() != PROCESSORS) explore_fail("the machine has %d processors, not %d", get_nprocs(), PROCESSORS);
    if (getcpu(&before, &node) || before >= PROCESSORS) explore_fail("processor %u of %d", before, PROCESSORS);
    int now = sched_getcpu();
    if (now < 0 || now >= PROCESSORS) explore_fail("processor %d of %d", now, PROCESSORS);
    return (unsigned)now;
}

static void count_one(void) {
    unsigned at = processor();
    if (PLANTED == 3)
        plain[at]++;
    else if (PLANTED == 0)
        atomic_fetch_add_explicit(&counts[at], 1, memory_order_relaxed);
    else {
        int before = atomic_load_explicit(&counts[at], memory_order_relaxed);
        if (PLANTED == 1) at = processor();
        atomic_store_explicit(&counts[at], before + 1, memory_order_relaxed);
    }
}

static void *count_all(void *unused) {
    for (int i = 0; i < COUNTS; i++) count_one();
    return unused;
}

static void check(int expected) {
    int all = 0;
    for (int i = 0; i < PROCESSORS; i++) all += plain[i] + atomic_load_explicit(&counts[i], memory_order_relaxed);
    if (all != expected) explore_fail("%d of %d were counted", all, expected);
}

/* One thread, which can only be moved. */
static void run_alone(void) {
    count_all(NULL);
    check(COUNTS);
}

static void run_together(void) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, count_all, NULL);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    check(THREADS * COUNTS);
}

const struct explore_scenario explore_scenarios[] = {{"alone", run_alone}, {"together", run_together}, {NULL, NULL}};
