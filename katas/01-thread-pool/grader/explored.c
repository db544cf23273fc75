/* SPDX-License-Identifier: MIT */
/* explored.c -- jobs under the schedule explorer, and the list of scenarios. */
#include "explored.h"

struct job jobs[MAX_JOBS];
struct thread_pool *pool;

const struct explore_scenario explore_scenarios[] = {
    {"drain", run_drain},   {"small", run_small},     {"meeting", run_meeting},
    {"inside", run_inside}, {"closing", run_closing}, {"starting", run_starting},
    {"idle", run_idle},     {"timing", run_timing},   {"sleeping", run_sleeping},
    {NULL, NULL},
};

static const char *const status_names[] = {"POOL_OK", "POOL_FULL", "POOL_TIMEOUT", "POOL_CLOSED"};

/* What the driver knows. Quiet functions only. */
static struct {
    int workers, running, most_running;
    struct {
        bool submitted, accepted, closed;
        int starts;
    } job[MAX_JOBS];
} seen;

static _Thread_local bool of_driver;

void name_driver_thread(const char *name) {
    explore_name_thread(name);
    of_driver = true;
}

EXPLORE_QUIET static void note_pool(int workers) {
    seen.workers = workers;
}

EXPLORE_QUIET static void note_submit(int number) {
    seen.job[number].submitted = true;
}

EXPLORE_QUIET static void note_answer(int number, enum pool_status status) {
    seen.job[number].accepted = status == POOL_OK;
    seen.job[number].closed = status == POOL_CLOSED;
    for (int i = 0; status != POOL_CLOSED && i < number; i++)
        if (jobs[i].submitter == jobs[number].submitter && seen.job[i].closed)
            explore_fail("job %d was answered %s, after job %d of the same thread had been answered POOL_CLOSED",
                         number, status_names[status], i);
}

/* Hand-out is in order, so of the jobs submitted earlier by the same thread at most those may not
 * have begun that the other workers have just been handed. */
EXPLORE_QUIET static void check_order(int number) {
    int overtaken = 0, last = 0;
    for (int i = 0; i < number; i++) {
        if (jobs[i].submitter != jobs[number].submitter || !seen.job[i].accepted || seen.job[i].starts) continue;
        overtaken++;
        last = i;
    }
    if (overtaken >= seen.workers)
        explore_fail("job %d starts before job %d, which the same thread submitted earlier; %d worker%s", number, last,
                     seen.workers, seen.workers == 1 ? "" : "s");
}

EXPLORE_QUIET static void note_start(int number) {
    if (!seen.job[number].submitted) explore_fail("job %d runs and was never submitted", number);
    if (seen.job[number].starts++) explore_fail("job %d runs a second time", number);
    if (++seen.running > seen.workers) explore_fail("%d jobs run at a time on %d workers", seen.running, seen.workers);
    check_order(number);
}

EXPLORE_QUIET static void note_end(void) {
    seen.running--;
}

EXPLORE_QUIET static int starts_of(int number) {
    return seen.job[number].starts;
}

EXPLORE_QUIET static bool was_accepted(int number) {
    return seen.job[number].accepted;
}

EXPLORE_QUIET bool job_started(int number) {
    return seen.job[number].starts > 0;
}

static void run_job(void *argument) {
    struct job *job = argument;
    if (job < jobs || job >= jobs + MAX_JOBS) explore_fail("a job runs with an argument that nobody submitted");
    if (of_driver) explore_fail("job %d runs on a thread that is not the pool's", job->number);
    note_start(job->number);
    job->out = job->in + 1;
    if (job->then) job->then(job);
    note_end();
}

void pool_open(size_t workers, size_t capacity) {
    note_pool((int)workers);
    pool = pool_new(workers, capacity);
    if (!pool) explore_fail("pool_new(%zu, %zu) answers NULL although nothing is lacking", workers, capacity);
}

void pool_close(void) {
    pool_free(pool);
    pool = NULL; /* what is left behind is a leak */
}

enum pool_status submit_job(int number, enum call call, uint64_t timeout_ns) {
    struct job *job = &jobs[number];
    job->number = number;
    job->in = 100 + number;
    note_submit(number);
    enum pool_status status = call == SUBMIT       ? pool_submit(pool, run_job, job)
                              : call == TRY_SUBMIT ? pool_try_submit(pool, run_job, job)
                                                   : pool_submit_within(pool, run_job, job, timeout_ns);
    enum pool_status waited = call == SUBMIT ? POOL_OK : call == TRY_SUBMIT ? POOL_FULL : POOL_TIMEOUT;
    if (status != POOL_OK && status != POOL_CLOSED && status != waited)
        explore_fail("job %d: the submit answers %s, which this call never does", number,
                     (unsigned)status <= POOL_CLOSED ? status_names[status] : "no enum pool_status");
    note_answer(number, status);
    return status;
}

void check_ran(int number) {
    int starts = starts_of(number);
    if (starts != 1) explore_fail("job %d was accepted and ran %d times", number, starts);
    if (jobs[number].out != jobs[number].in + 1) explore_fail("job %d has not come to its end", number);
}

void check_all(size_t discarded) {
    int accepted = 0, ran = 0;
    for (int i = 0; i < MAX_JOBS; i++) {
        accepted += was_accepted(i);
        ran += starts_of(i);
        if (!was_accepted(i) && starts_of(i)) explore_fail("job %d was refused, and ran", i);
        if (was_accepted(i) && starts_of(i) && jobs[i].out != jobs[i].in + 1)
            explore_fail("job %d still runs after pool_shutdown", i);
        if (was_accepted(i) && !starts_of(i) && !discarded)
            explore_fail("job %d was accepted and never ran; pool_shutdown answers 0", i);
    }
    if ((size_t)(accepted - ran) != discarded)
        explore_fail("%d jobs accepted, %d ran, and pool_shutdown answers %zu", accepted, ran, discarded);
}
