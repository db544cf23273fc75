/* SPDX-License-Identifier: MIT */
/* bench.c -- a fixed amount of work, timed from outside.
 *
 *   bench  submitters, jobs (each), workers, capacity, work
 *
 *   inline_work  jobs, work
 *
 * The same jobs without a pool, one after the other: what a pool with two
 * workers on two CPUs could at best halve.
 *
 * A job marks its slot, after `work` rounds of arithmetic. One byte a job: what
 * is timed is the pool, and not the memory behind the arguments.
 *
 * Evidence: `ran`, jobs that ran exactly once, on no thread of the driver's;
 * `discarded`. */
#include "driver.h"

#include <stdbool.h>
#include <stdlib.h>

#include "crew.h"
#include "evidence.h"
#include "scenario.h"

static struct {
    uint64_t submitters, jobs, work;
    struct thread_pool *pool;
    unsigned char *runs;
} b;

static _Thread_local bool drivers_thread;

static void mark(void *slot) {
    *(unsigned char *)slot += drivers_thread ? 2 : 1;
}

static void work_and_mark(void *slot) {
    for (volatile uint64_t i = 0; i < b.work; i++) {
    }
    mark(slot);
}

static void submit_all(uint64_t me) {
    pool_job job = b.work ? work_and_mark : mark;
    drivers_thread = true;
    for (uint64_t i = 0; i < b.jobs; i++) pool_submit(b.pool, job, &b.runs[me * b.jobs + i]);
}

void bench(uint64_t seed) {
    (void)seed; /* the same work every time */
    drivers_thread = true;
    b.submitters = scenario_param("submitters");
    b.jobs = scenario_param("jobs");
    b.work = scenario_param("work");
    b.runs = calloc(b.submitters, b.jobs);
    b.pool = new_pool(scenario_param("workers"), scenario_param("capacity"));
    crew_join(crew_start(b.submitters, submit_all));
    uint64_t ran = 0;
    evidence_count("discarded", pool_shutdown(b.pool, POOL_DRAIN));
    for (uint64_t i = 0; i < b.submitters * b.jobs; i++) ran += b.runs[i] == 1;
    evidence_count("ran", ran);
    pool_free(b.pool);
    free(b.runs);
}

void inline_work(uint64_t seed) {
    (void)seed;
    b.jobs = scenario_param("jobs");
    b.work = scenario_param("work");
    b.runs = calloc(1, b.jobs);
    for (uint64_t i = 0; i < b.jobs; i++) work_and_mark(&b.runs[i]);
    evidence_count("ran", b.jobs);
    free(b.runs);
}
