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

/* A new pool, or the scenario fails; and its end. */
extern struct thread_pool *pool;
void pool_open(size_t workers, size_t capacity);
void pool_close(void);

/* Submits jobs[number], by the call named here, and notes the answer. */
enum call { SUBMIT, TRY_SUBMIT, SUBMIT_WITHIN };
enum pool_status submit_job(int number, enum call call, uint64_t timeout_ns);

/* A job that was accepted and is the caller's business to wait for: has it
 * run? Plain reads of what it wrote. */
void check_ran(int number);

/* After pool_shutdown: every job accepted ran once, `discarded` of them did
 * not run at all, and no other job ran. */
void check_all(size_t discarded);

/* This thread is the driver's: no job may run on it. */
void name_driver_thread(const char *name);

bool job_started(int number); /* orders nothing */

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
