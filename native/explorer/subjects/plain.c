/* SPDX-License-Identifier: MIT
 *
 * plain.c -- what explore_assume drops, and what races lead to where plain accesses are steps (--plain-steps).
 *
 * planted 1 (race): two threads count without a lock; step by step: the count is one too low
 * planted 2 (race): both store the same number, so that nothing comes of it
 * planted 3 (limit): what is assumed never holds
 * planted 4 (property): the assumption comes too late */
#include "explore.h"

#include <pthread.h>
#include <stddef.h>

#ifndef PLANTED
#define PLANTED 0
#endif

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int count;

static void *add_one(void *unused) {
    if (PLANTED != 1) pthread_mutex_lock(&mutex);
    count++;
    if (PLANTED != 1) pthread_mutex_unlock(&mutex);
    return unused;
}

static void *store_two(void *unused) {
    if (PLANTED != 2) pthread_mutex_lock(&mutex);
    count = 2;
    if (PLANTED != 2) pthread_mutex_unlock(&mutex);
    return unused;
}

static void run_counting(void) {
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, PLANTED == 2 ? store_two : add_one, NULL);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    if (count != 2) explore_fail("two threads count, and the count is %d", count);
}

/* Only what is divided by something else is of interest. */
static void run_dividing(void) {
    unsigned dividend = explore_choose(8), divisor = explore_choose(4);
    explore_assume(PLANTED != 3 || divisor > 3);
    if (PLANTED == 4 && divisor == 0) explore_fail("%u is divided by 0", dividend);
    explore_assume(divisor != 0);
    if (dividend / divisor > dividend) explore_fail("%u / %u is more than %u", dividend, divisor, dividend);
}

const struct explore_scenario explore_scenarios[] = {
    {"counting", run_counting}, {"dividing", run_dividing}, {NULL, NULL}};
