/* SPDX-License-Identifier: MIT */
/* crowd.c -- many submitters, by all three calls, and jobs that submit more.
 *
 *   crowd  submitters, jobs (each), workers, capacity, discard (0 or 1),
 *          early (0 or 1), work
 *
 * early=1: the pool is shut down while the submitters are at work, and while a job runs. A job spins
 * through `work` rounds, so that others are queued behind it. Every fourth job
 * tries to submit a child, whose slot follows all the others. Half-way the first
 * submitter calls pool_wait_idle.
 *
 * With early=1 one more thread, which never waits, submits jobs without number
 * until it is told that the pool is closed; so do the others when they have come
 * to their end. Some submits meet the shutdown, and some come too late.
 *
 * The driver must not repair what the pool breaks: its counters are relaxed
 * and order nothing, and what a job carries is plain memory.
 *
 * Evidence, a row of `jobs` for each: `status` (enum pool_status, or NEVER_SUBMITTED),
 * `runs`; the counts `spoilt` (jobs that did not find what was written before
 * their submit, or whose own writing was not found afterwards), `most_running`
 * at a time, `discarded` and `discarded_again` (what two shutdowns answered),
 * `allocations` between pool_new and pool_shutdown, `late_accepted` and
 * `late_ran` of those without number, `late_answer`: what pool_try_submit
 * answers in the end. */
#include "driver.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "crew.h"
#include "evidence.h"
#include "gate.h"
#include "heap.h"
#include "rng.h"
#include "scenario.h"

#define NEVER_SUBMITTED 9
#define CHILD_EVERY 4
#define TIMEOUT_MAX_NS 200000
#define TOO_LATE 1000
#define HELD_MS 1500

EVIDENCE_ROW(seen, status, runs);

struct job {
    uint64_t in, out; /* plain: the pool orders them, or a sanitizer sees it */
    _Atomic uint64_t runs, status;
};

static struct {
    uint64_t seed, submitters, jobs, count, work;
    struct thread_pool *pool;
    struct job *job;
    _Atomic uint64_t running, most_running, spoilt, submitted, late_accepted, late_ran, late_answer;
    _Atomic bool stopped;       /* pool_shutdown has returned */
    _Atomic bool held, refused; /* a job goes on until somebody has been told POOL_CLOSED */
    uint64_t early;
} c;

static void add_running(void) {
    uint64_t now = atomic_fetch_add_explicit(&c.running, 1, memory_order_relaxed) + 1;
    uint64_t most = atomic_load_explicit(&c.most_running, memory_order_relaxed);
    while (now > most && !atomic_compare_exchange_weak_explicit(&c.most_running, &most, now, memory_order_relaxed,
                                                                memory_order_relaxed)) {
    }
}

/* With early=1 the first job that begins when half of all have been submitted goes on until somebody is told that the
 * pool is closed, or for HELD_MS: so the shutdown meets a running job, however busy the machine is. */
static void hold_once(void) {
    if (!c.early || atomic_load_explicit(&c.submitted, memory_order_relaxed) < c.count / 2) return;
    if (atomic_exchange_explicit(&c.held, true, memory_order_relaxed)) return;
    for (int ms = 0; ms < HELD_MS && !atomic_load_explicit(&c.refused, memory_order_relaxed); ms++)
        nanosleep(&(struct timespec){0, 1000000}, NULL);
}

static void run(void *argument);

static void submit(uint64_t number, uint64_t draw) {
    struct job *job = &c.job[number];
    job->in = number + 1;
    enum pool_status status = draw % 3 == 0   ? pool_submit(c.pool, run, job)
                              : draw % 3 == 1 ? pool_try_submit(c.pool, run, job)
                                              : pool_submit_within(c.pool, run, job, (draw >> 8) % TIMEOUT_MAX_NS);
    atomic_store_explicit(&job->status, status, memory_order_relaxed);
    atomic_fetch_add_explicit(&c.submitted, 1, memory_order_relaxed);
}

static void run(void *argument) {
    struct job *job = argument;
    uint64_t number = (uint64_t)(job - c.job);
    add_running();
    atomic_fetch_add_explicit(&job->runs, 1, memory_order_relaxed);
    if (job->in != number + 1) atomic_fetch_add_explicit(&c.spoilt, 1, memory_order_relaxed);
    job->out = job->in;
    for (volatile uint64_t i = 0; i < c.work; i++) continue;
    hold_once();
    if (number < c.count && number % CHILD_EVERY == 0) submit(c.count + number / CHILD_EVERY, 1);
    atomic_fetch_sub_explicit(&c.running, 1, memory_order_relaxed);
}

static void run_late(void *argument) {
    (void)argument;
    hold_once();
    atomic_fetch_add_explicit(&c.late_ran, 1, memory_order_relaxed);
}

/* Once pool_shutdown has returned, TOO_LATE more calls are enough: then the answer is what the pool says for ever. */
static void *submit_until_closed(void *unused) {
    enum pool_status status = POOL_OK;
    for (int too_late = 0; too_late < TOO_LATE; sched_yield()) {
        too_late += atomic_load_explicit(&c.stopped, memory_order_relaxed);
        status = pool_try_submit(c.pool, run_late, NULL);
        if (status == POOL_CLOSED) {
            atomic_store_explicit(&c.refused, true, memory_order_relaxed);
            return unused;
        }
        if (status == POOL_OK) atomic_fetch_add_explicit(&c.late_accepted, 1, memory_order_relaxed);
    }
    atomic_store_explicit(&c.late_answer, status, memory_order_relaxed);
    return unused;
}

static void submit_all(uint64_t me) {
    struct rng rng = rng_new(c.seed, me);
    for (uint64_t i = 0; i < c.jobs; i++) {
        submit(me * c.jobs + i, rng_next(&rng));
        if (me == 0 && i == c.jobs / 2) pool_wait_idle(c.pool);
    }
    if (c.early) submit_until_closed(NULL);
}

static void prepare(uint64_t seed) {
    c.seed = seed;
    c.submitters = scenario_param("submitters");
    c.jobs = scenario_param("jobs");
    c.early = scenario_param("early");
    c.late_answer = POOL_CLOSED;
    c.work = scenario_param("work");
    c.count = c.submitters * c.jobs;
    c.job = calloc(2 * c.count, sizeof *c.job);
    for (uint64_t i = 0; i < 2 * c.count; i++) atomic_init(&c.job[i].status, NEVER_SUBMITTED);
    c.pool = new_pool(scenario_param("workers"), scenario_param("capacity"));
}

static void await_held(void) {
    while (!atomic_load_explicit(&c.held, memory_order_relaxed)) sched_yield();
}

static void run_threads(void) {
    uint64_t taken = heap_allocations();
    struct crew *submitters = crew_start(c.submitters, submit_all);
    pthread_t watcher;
    if (c.early) {
        watcher = gate_thread(submit_until_closed, NULL);
        await_held();
    }
    if (!c.early) crew_join(submitters);
    evidence_count("allocations", heap_allocations() - taken);
    evidence_count("discarded", pool_shutdown(c.pool, scenario_param("discard") ? POOL_DISCARD : POOL_DRAIN));
    atomic_store_explicit(&c.stopped, true, memory_order_relaxed);
    if (!c.early) return;
    crew_join(submitters);
    pthread_join(watcher, NULL);
}

static void report(void) {
    struct seen *jobs = calloc(2 * c.count, sizeof *jobs);
    for (uint64_t i = 0; i < 2 * c.count; i++) {
        jobs[i] = (struct seen){c.job[i].status, c.job[i].runs};
        if (c.job[i].runs && c.job[i].out != i + 1) c.spoilt++;
    }
    evidence_rows("jobs", seen, jobs, 2 * c.count);
    evidence_count("spoilt", c.spoilt);
    evidence_count("late_accepted", c.late_accepted);
    evidence_count("late_ran", c.late_ran);
    evidence_count("late_answer", c.late_answer);
    evidence_count("most_running", c.most_running);
    free(jobs);
}

void crowd(uint64_t seed) {
    prepare(seed);
    run_threads();
    evidence_count("discarded_again", pool_shutdown(c.pool, POOL_DISCARD));
    report();
    pool_free(c.pool);
    free(c.job);
}
