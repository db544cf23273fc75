/* SPDX-License-Identifier: MIT
 *
 * deadlines.c -- waits of one second, while another thread sets the time of day: the monotonic clock does not care.
 *
 * planted 1 (property): sem_timedwait, which waits by the time of day
 * planted 2 (property): pthread_mutex_timedlock, likewise
 * planted 3 (property): pthread_rwlock_timedrdlock, likewise
 * planted 4 (property): pthread_cond_clockwait by the time of day
 * planted 5 (property): a semaphore's deadline whose nanoseconds are a whole second or more
 * planted 6 (property): a mutex's, likewise
 * planted 7 (property): a readers-writer lock's, likewise
 * planted 8 (property): a condition variable's, likewise
 * planted 9 (property): a join's, likewise
 * planted 10 (property): a sleep's, likewise */
#define _GNU_SOURCE
#include "explore.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#ifndef PLANTED
#define PLANTED 0
#endif

enum { NS_PER_S = 1000000000 };

static sem_t items, over;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct timespec when;

static void *set_clock(void *unused) {
    explore_step_realtime(3600);
    return unused;
}

static struct timespec now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time;
}

/* One second, written as a second or as so many nanoseconds. */
static struct timespec in_a_second(clockid_t clock, bool as_nanoseconds) {
    struct timespec when = now(clock);
    if (as_nanoseconds)
        when.tv_nsec += NS_PER_S;
    else
        when.tv_sec++;
    return when;
}

static void check(const struct timespec *begun, int status) {
    struct timespec end = now(CLOCK_MONOTONIC);
    long waited_ns = (end.tv_sec - begun->tv_sec) * NS_PER_S + end.tv_nsec - begun->tv_nsec;
    if (status != ETIMEDOUT || waited_ns < NS_PER_S) explore_fail("status %d after %ld ns", status, waited_ns);
}

static int error_of(int failed) {
    return failed ? errno : 0;
}

static void run_semaphore(void) {
    struct timespec begun = now(CLOCK_MONOTONIC);
    when = in_a_second(PLANTED == 1 ? CLOCK_REALTIME : CLOCK_MONOTONIC, PLANTED == 5);
    if (PLANTED == 1)
        check(&begun, error_of(sem_timedwait(&items, &when)));
    else
        check(&begun, error_of(sem_clockwait(&items, CLOCK_MONOTONIC, &when)));
}

static void *hold(void *unused) {
    pthread_mutex_lock(&mutex);
    pthread_rwlock_wrlock(&rwlock);
    sem_post(&items);
    sem_wait(&over);
    pthread_rwlock_unlock(&rwlock);
    pthread_mutex_unlock(&mutex);
    return unused;
}

static void while_held(int (*wait)(pthread_t), bool as_nanoseconds, bool by_time_of_day) {
    pthread_t holder;
    pthread_create(&holder, NULL, hold, NULL);
    sem_wait(&items);
    struct timespec begun = now(CLOCK_MONOTONIC);
    when = in_a_second(by_time_of_day ? CLOCK_REALTIME : CLOCK_MONOTONIC, as_nanoseconds);
    check(&begun, wait(holder));
    sem_post(&over);
    pthread_join(holder, NULL);
}

static int lock_mutex(pthread_t holder) {
    (void)holder;
    return PLANTED == 2 ? pthread_mutex_timedlock(&mutex, &when)
                        : pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &when);
}

static void run_mutex(void) {
    while_held(lock_mutex, PLANTED == 6, PLANTED == 2);
}

static int lock_to_read(pthread_t holder) {
    (void)holder;
    return PLANTED == 3 ? pthread_rwlock_timedrdlock(&rwlock, &when)
                        : pthread_rwlock_clockrdlock(&rwlock, CLOCK_MONOTONIC, &when);
}

static void run_rwlock(void) {
    while_held(lock_to_read, PLANTED == 7, PLANTED == 3);
}

static int join(pthread_t holder) {
    return pthread_clockjoin_np(holder, NULL, CLOCK_MONOTONIC, &when);
}

static void run_join(void) {
    while_held(join, PLANTED == 9, false);
}

static void run_condition(void) {
    clockid_t clock = PLANTED == 4 ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    struct timespec begun = now(CLOCK_MONOTONIC);
    when = in_a_second(clock, PLANTED == 8);
    int status = 0;
    pthread_mutex_lock(&mutex);
    while (status == 0) status = pthread_cond_clockwait(&changed, &mutex, clock, &when);
    pthread_mutex_unlock(&mutex);
    check(&begun, status);
}

/* A lock that is free is taken, whatever the deadline says; sleeping says what is wrong with its time. */
static void run_unblocked(void) {
    struct timespec wrong = {0, -1}, second = PLANTED == 10 ? (struct timespec){0, NS_PER_S} : (struct timespec){1, 0};
    struct timespec begun = now(CLOCK_MONOTONIC);
    if (pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &wrong)) explore_fail("a free mutex is not taken");
    pthread_mutex_unlock(&mutex);
    if (nanosleep(&wrong, NULL) != -1 || errno != EINVAL) explore_fail("sleeps for less than nothing");
    check(&begun, nanosleep(&second, NULL) ? errno : ETIMEDOUT);
}

static void with_clock_set(void (*wait)(void)) {
    pthread_t setter;
    sem_init(&items, 0, 0);
    sem_init(&over, 0, 0);
    pthread_create(&setter, NULL, set_clock, NULL);
    wait();
    pthread_join(setter, NULL);
    sem_destroy(&items);
    sem_destroy(&over);
}

static void at_a_semaphore(void) {
    with_clock_set(run_semaphore);
}

static void at_a_mutex(void) {
    with_clock_set(run_mutex);
}

static void at_a_rwlock(void) {
    with_clock_set(run_rwlock);
}

static void at_a_condition(void) {
    with_clock_set(run_condition);
}

static void at_a_join(void) {
    with_clock_set(run_join);
}

const struct explore_scenario explore_scenarios[] = {
    {"semaphore", at_a_semaphore},
    {"mutex", at_a_mutex},
    {"rwlock", at_a_rwlock},
    {"condition", at_a_condition},
    {"join", at_a_join},
    {"unblocked", run_unblocked},
    {NULL, NULL},
};
