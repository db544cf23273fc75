/* SPDX-License-Identifier: MIT
 *
 * held_back.c -- a job that ends only when another job has run. If that never comes, the thread that waits, or polls,
 * is the driver's: its property does not hold. No wakeup was lost.
 *
 * planted 1 (property): jobs run under a lock
 * planted 2 (property): the second job waits until it is told that the first has ended */
#include "explore.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stddef.h>

#ifndef PLANTED
#define PLANTED 0
#endif

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static int begun, done;
static sem_t second_ran;
static bool polls;

/* The subject: runs a job. */
static void run_job(void (*job)(void)) {
    pthread_mutex_lock(&lock);
    if (PLANTED == 2)
        for (int before = begun++; done < before;) pthread_cond_wait(&ended, &lock);
    if (PLANTED == 1) job();
    pthread_mutex_unlock(&lock);
    if (PLANTED != 1) job();
    pthread_mutex_lock(&lock);
    done++;
    pthread_cond_broadcast(&ended);
    pthread_mutex_unlock(&lock);
}

static void say_so(void) {
    sem_post(&second_ran);
}

static void *run_second(void *unused) {
    run_job(say_so);
    return unused;
}

static void outlast_second(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, run_second, NULL);
    explore_wait_for("while one job runs, another does not begin");
    while (polls && sem_trywait(&second_ran)) explore_yield();
    if (!polls) sem_wait(&second_ran);
    explore_wait_for(NULL);
    pthread_join(thread, NULL);
}

static void run(void) {
    sem_init(&second_ran, 0, 0);
    run_job(outlast_second);
    sem_destroy(&second_ran);
}

static void run_polling(void) {
    polls = true;
    run();
}

const struct explore_scenario explore_scenarios[] = {{"two_jobs", run}, {"polled", run_polling}, {NULL, NULL}};
