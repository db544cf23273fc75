/* SPDX-License-Identifier: MIT
 *
 * sleeps.c -- a sleep says nothing about how far another thread has come.
 *
 * planted 1 (property): a millisecond is thought to be enough for the other thread
 * planted 2 (property): the longer of two sleeps is thought to end last
 * planted 3 (property): two sleeps in a row, by the time of the monotonic clock */
#include "explore.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#ifndef PLANTED
#define PLANTED 0
#endif

static atomic_int ready;

static void sleep_until_later(long ns) {
    struct timespec when;
    clock_gettime(CLOCK_MONOTONIC, &when);
    when.tv_nsec += ns;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL);
}

static void *get_ready(void *unused) {
    if (PLANTED != 1) usleep(1000);
    atomic_store(&ready, 1);
    return unused;
}

static void *poll(void *unused) {
    while (!atomic_load(&ready)) usleep(100);
    return unused;
}

static void *spin(void *unused) {
    while (!atomic_load(&ready)) sched_yield();
    return unused;
}

static void *hope(void *unused) {
    if (PLANTED == 3) {
        sleep_until_later(100000000);
        sleep_until_later(100000000);
    } else {
        usleep(100000);
    }
    if (!atomic_load(&ready)) explore_fail("still not ready");
    return unused;
}

static void with_other(void *(*other)(void *)) {
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, get_ready, NULL);
    pthread_create(&threads[1], NULL, other, NULL);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
}

static void polling(void) {
    with_other(PLANTED ? hope : poll);
}

/* The sleeper comes to its end although the other thread can always run. */
static void spinning(void) {
    with_other(spin);
}

const struct explore_scenario explore_scenarios[] = {{"polling", polling}, {"spinning", spinning}, {NULL, NULL}};
