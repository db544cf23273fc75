/* SPDX-License-Identifier: MIT */
/* explore_jobs.c -- jobs come and run.
 *
 *   drain     two submitters, one to three workers, by all three calls
 *   small     one worker, room for one job, two submitters: for exhaustive search
 *   meeting   two jobs on two workers wait for each other; a job waits for a later submit
 *   inside    a job submits to its own pool, or to another one */
#include "explored.h"

#include <pthread.h>
#include <semaphore.h>

enum { MILLISECOND = 1000000 };

static int per_submitter;

static void submit_some(int first, int submitter) {
    for (int i = first; i < first + per_submitter; i++) {
        jobs[i].submitter = submitter;
        submit_job(i, (enum call)explore_choose(3), explore_choose(2) ? 0 : MILLISECOND);
    }
}

static void *submit_other_half(void *argument) {
    name_driver_thread("submitter");
    submit_some(MAX_JOBS / 2, 1);
    return argument;
}

void run_drain(void) {
    pthread_t submitter;
    name_driver_thread("main");
    per_submitter = 1 + (int)explore_choose(3);
    pool_open(1 + explore_choose(MAX_WORKERS), 1 + explore_choose(2));
    pthread_create(&submitter, NULL, submit_other_half, NULL);
    submit_some(0, 0);
    pthread_join(submitter, NULL);
    drain_and_check();
}

static void *submit_one(void *argument) {
    name_driver_thread("submitter");
    jobs[6].submitter = 1;
    submit_job(6, SUBMIT, 0);
    return argument;
}

void run_small(void) {
    pthread_t submitter;
    name_driver_thread("main");
    pool_open(1, 1);
    pthread_create(&submitter, NULL, submit_one, NULL);
    submit_job(0, SUBMIT, 0);
    pthread_join(submitter, NULL);
    drain_and_check();
}

static pthread_barrier_t meeting;
static sem_t released;

static void meet(void *job) {
    (void)job;
    pthread_barrier_wait(&meeting);
}

static void wait_for_release(void *job) {
    (void)job;
    sem_wait(&released);
}

/* Two jobs in a row meet, wherever the workers are at that moment. */
static void meet_twice(void) {
    int number = 0;
    pthread_barrier_init(&meeting, NULL, 2);
    pool_open(2, 2);
    for (int round = 0; round < 2; round++) {
        if (explore_choose(2)) submit_job(number++, SUBMIT, 0);
        jobs[number].then = jobs[number + 1].then = meet;
        submit_job(number++, SUBMIT, 0);
        submit_job(number++, SUBMIT, 0);
        if (round == 0 && explore_choose(2)) pool_wait_idle(pool);
    }
    drain_and_check();
    pthread_barrier_destroy(&meeting);
}

/* The first job ends only after as many submits as there is room for behind it. */
static void submit_behind_it(void) {
    size_t capacity = 1 + explore_choose(2);
    sem_init(&released, 0, 0);
    pool_open(1, capacity);
    jobs[0].then = wait_for_release;
    for (int i = 0; i <= (int)capacity; i++) submit_job(i, SUBMIT, 0);
    sem_post(&released);
    drain_and_check();
    sem_destroy(&released);
}

void run_meeting(void) {
    name_driver_thread("main");
    if (explore_choose(2))
        submit_behind_it();
    else
        meet_twice();
}

static void submit_next(void *argument) {
    struct job *job = argument;
    submit_job(job->number + 1, TRY_SUBMIT, 0);
}

/* By any call: there is room, so none has to wait, or may say that there is none. */
static void submit_next_into_room(void *argument) {
    struct job *job = argument;
    if (submit_job(job->number + 1, (enum call)explore_choose(3), 0) != POOL_OK)
        explore_fail("a job's submit to its own pool is refused, although there is room");
}

static enum call across;

static void submit_across(void *argument) {
    (void)argument;
    enum pool_status status = submit_to_other(8, across, MILLISECOND);
    if (across == SUBMIT && status != POOL_OK)
        explore_fail("a job's pool_submit to another pool, which is open, does not answer POOL_OK");
    if (across != SUBMIT && status == POOL_OK)
        explore_fail(
            "a job's submit to another pool is accepted, although that pool's worker is busy and its queue full");
}

/* A job of one pool submits to another one, whose worker is busy and whose queue is full. */
static void submit_to_a_full_one(void) {
    across = (enum call)explore_choose(3);
    sem_init(&released, 0, 0);
    pool_open(1, 1);
    other_pool_open(1, 1);
    jobs[6].then = wait_for_release;
    submit_to_other(6, SUBMIT, 0);
    submit_to_other(7, SUBMIT, 0);
    jobs[8].submitter = 1;
    jobs[0].then = submit_across;
    submit_job(0, SUBMIT, 0);
    if (across != SUBMIT) pool_wait_idle(pool); /* the queue stays full as long as it tries */
    sem_post(&released);
    pool_wait_idle(pool);
    if (pool_shutdown(other_pool, POOL_DRAIN)) explore_fail("a second pool's drain leaves jobs behind");
    drain_and_check();
    sem_destroy(&released);
}

void run_inside(void) {
    name_driver_thread("main");
    if (explore_choose(8) == 7) return submit_to_a_full_one();
    bool roomy = explore_choose(4) == 0;
    pool_open(1 + explore_choose(2), roomy ? 4 : 1 + explore_choose(2));
    for (int i = 0; i < 4; i++) jobs[i].submitter = i;
    jobs[0].then = jobs[2].then = roomy ? submit_next_into_room : submit_next;
    submit_job(0, SUBMIT, 0);
    submit_job(2, SUBMIT, 0);
    if (roomy || explore_choose(2)) { /* then the pool is open while they submit */
        pool_wait_idle(pool);
        check_ran(0);
        check_ran(2);
    }
    drain_and_check();
}
