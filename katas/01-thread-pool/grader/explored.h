/* SPDX-License-Identifier: MIT */
/* explored.h -- what the scenarios under the schedule explorer share: jobs that
 * know what may happen to them.
 *
 * What a job carries is plain memory, so a pool that does not order a submit
 * before its job, or a job before the return of pool_shutdown, has a data race.
 * What the driver counts for itself lies in quiet functions and orders
 * nothing. */
#ifndef EXPLORED_H
#define EXPLORED_H

#include "explore.h"
#include "thread_pool.h"

#include <stdbool.h>

enum { MAX_JOBS = 12, MAX_WORKERS = 3 };

struct job {
    int number;           /* its index in `jobs` */
    int submitter;        /* jobs of one submitter are submitted in the order of their numbers */
    int in, out;          /* written before the submit, and by the job */
    void (*then)(void *); /* what it does besides, with itself as argument; or NULL */
};
extern struct job jobs[MAX_JOBS];

/* A new pool, or the scenario fails; and its end. `other_pool` is a second one. */
extern struct thread_pool *pool, *other_pool;
void pool_open(size_t workers, size_t capacity);
void other_pool_open(size_t workers, size_t capacity);
void pool_close(void); /* both */

/* The scenario has made `pool` itself. */
void pool_is_open(size_t workers, size_t capacity);

/* Submits jobs[number], by the call named here, and notes the answer. The scenario fails if the
 * pool was known to be closed and does not say so, or if the answer is that there was no room
 * although there was. */
enum call { SUBMIT, TRY_SUBMIT, SUBMIT_WITHIN };
enum pool_status submit_job(int number, enum call call, uint64_t timeout_ns);
enum pool_status submit_to_other(int number, enum call call, uint64_t timeout_ns);

/* Submits jobs[number] to the full queue of `pool` until the pool is closed, which another thread
 * is about to do. */
void submit_until_closed(int number);

/* From here on each submit to `pool` must answer POOL_CLOSED: a pool_shutdown has returned. */
void note_shutdown(void);

/* A job that was accepted and is the caller's business to wait for: has it
 * run? Plain reads of what it wrote. */
void check_ran(int number);

/* After pool_shutdown: every job accepted ran once, `discarded` of them did
 * not run at all, and no other job ran. */
void check_all(size_t discarded);

/* Drains `pool`, checks all jobs, and frees both pools. */
void drain_and_check(void);

/* This thread is the driver's: no job may run on it. */
void name_driver_thread(const char *name);

bool job_started(int number); /* orders nothing */

/* How many of the first `count` jobs have begun, when the other threads have had their time to run. */
int await_starts(int count);

void wait_in_two_pools(void); /* explore_two.c */

void run_drain(void);    /* explore_jobs.c */
void run_small(void);    /* explore_jobs.c */
void run_meeting(void);  /* explore_jobs.c */
void run_inside(void);   /* explore_jobs.c */
void run_closing(void);  /* explore_end.c */
void run_starting(void); /* explore_end.c */
void run_idle(void);     /* explore_end.c */
void run_timing(void);   /* explore_time.c */
void run_sleeping(void); /* explore_time.c */

#endif
