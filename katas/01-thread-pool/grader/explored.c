/* SPDX-License-Identifier: MIT */
/* explored.c -- jobs under the schedule explorer, and the list of scenarios. */
#include "explored.h"

struct job jobs[MAX_JOBS];
struct thread_pool *pool, *other_pool;

const struct explore_scenario explore_scenarios[] = {
    {"drain", run_drain},   {"small", run_small},     {"meeting", run_meeting},
    {"inside", run_inside}, {"closing", run_closing}, {"starting", run_starting},
    {"idle", run_idle},     {"timing", run_timing},   {"sleeping", run_sleeping},
    {NULL, NULL},
};

static const char *const status_names[] = {"POOL_OK", "POOL_FULL", "POOL_TIMEOUT", "POOL_CLOSED"};

static const char *const call_names[] = {"pool_submit", "pool_try_submit", "pool_submit_within"};
static const char *const pool_names[] = {"first", "second"};

enum { FIRST, SECOND, POOLS };

/* Moments that explore_mark knows: one more for each of the two pools. */
enum { CLOSED_KNOWN = 0, JOB_STARTED = POOLS };

enum { POLLS = 2000 }; /* each lets another thread that can run do at least a step: far more than they need */

/* What the driver knows. Quiet functions only. */
static struct {
    struct {
        int workers, capacity, running;
        int refused; /* 1 + the number of a job that was answered POOL_CLOSED; 0: none was */
    } pool[POOLS];
    struct {
        bool submitted, accepted, in_call;
        int starts, which;
        int closed_before, started_before; /* what was known when the submit was called */
    } job[MAX_JOBS];
} seen;

static _Thread_local bool of_driver;
static _Thread_local int runs_for; /* 1 + the pool whose job this thread has run */

void name_driver_thread(const char *name) {
    explore_name_thread(name);
    of_driver = true;
}

EXPLORE_QUIET static void note_pool(int which, size_t workers, size_t capacity) {
    seen.pool[which].workers = (int)workers;
    seen.pool[which].capacity = (int)capacity;
}

EXPLORE_QUIET static void note_submit(int number, int which) {
    seen.job[number].submitted = seen.job[number].in_call = true;
    seen.job[number].which = which;
    seen.job[number].closed_before = explore_marks_before(CLOSED_KNOWN + which);
    seen.job[number].started_before = explore_marks_before(JOB_STARTED + which);
}

/* Nobody need believe more than happens before the call. */
EXPLORE_QUIET static void check_closed(int number, enum call call, enum pool_status status) {
    int refused = seen.pool[seen.job[number].which].refused;
    if (!seen.job[number].closed_before || status == POOL_CLOSED) return;
    if (refused)
        explore_fail("job %d: %s answers %s, although job %d had been answered POOL_CLOSED before this call: after a "
                     "shutdown has begun, every submit answers POOL_CLOSED, those of the pool's own jobs too",
                     number, call_names[call], status_names[status], refused - 1);
    else
        explore_fail("job %d: %s answers %s, although pool_shutdown had returned before this call", number,
                     call_names[call], status_names[status]);
}

/* Each other submit that goes on or was accepted may hold a place of the queue, unless its job had
 * started before this call. */
EXPLORE_QUIET static void check_room(int number, enum call call, enum pool_status status) {
    int which = seen.job[number].which, capacity = seen.pool[which].capacity;
    int taken = -seen.job[number].started_before;
    if (status != POOL_FULL && status != POOL_TIMEOUT) return;
    for (int i = 0; i < MAX_JOBS; i++)
        taken += i != number && seen.job[i].which == which && (seen.job[i].in_call || seen.job[i].accepted);
    if (taken < capacity)
        explore_fail("job %d: %s answers %s, although there was room all the time: the queue has room for %d, and at "
                     "most %d job%s stood in it",
                     number, call_names[call], status_names[status], capacity, taken, taken == 1 ? "" : "s");
}

EXPLORE_QUIET static void note_answer(int number, enum call call, enum pool_status status) {
    int which = seen.job[number].which;
    seen.job[number].in_call = false;
    seen.job[number].accepted = status == POOL_OK;
    check_closed(number, call, status);
    check_room(number, call, status);
    if (status != POOL_CLOSED) return;
    if (!seen.pool[which].refused) seen.pool[which].refused = 1 + number;
    explore_mark(CLOSED_KNOWN + which);
}

EXPLORE_QUIET void note_shutdown(void) {
    explore_mark(CLOSED_KNOWN + FIRST);
}

/* Hand-out is in order, so of the jobs submitted earlier by the same thread at most those may not
 * have begun that the other workers have just been handed. */
EXPLORE_QUIET static void check_order(int number) {
    int overtaken = 0, last = 0, workers = seen.pool[seen.job[number].which].workers;
    for (int i = 0; i < number; i++) {
        if (jobs[i].submitter != jobs[number].submitter || seen.job[i].which != seen.job[number].which) continue;
        if (!seen.job[i].accepted || seen.job[i].starts) continue;
        overtaken++;
        last = i;
    }
    if (overtaken >= workers)
        explore_fail("job %d starts before job %d, which the same thread submitted earlier; %d worker%s", number, last,
                     workers, workers == 1 ? "" : "s");
}

EXPLORE_QUIET static void note_start(int number) {
    if (!seen.job[number].submitted) explore_fail("job %d runs and was never submitted", number);
    if (seen.job[number].starts++) explore_fail("job %d runs a second time", number);
    int which = seen.job[number].which, workers = seen.pool[which].workers;
    if (++seen.pool[which].running > workers)
        explore_fail("%d jobs run at a time on %d worker%s", seen.pool[which].running, workers,
                     workers == 1 ? "" : "s");
    check_order(number);
    explore_mark(JOB_STARTED + which);
}

EXPLORE_QUIET static void note_end(int number) {
    seen.pool[seen.job[number].which].running--;
}

EXPLORE_QUIET static int pool_of(int number) {
    return seen.job[number].which;
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

/* A thread runs the jobs of one pool. */
static void check_thread(int number) {
    int which = pool_of(number);
    if (of_driver) explore_fail("job %d runs on a thread that is not the pool's", number);
    if (runs_for && runs_for != 1 + which)
        explore_fail(
            "job %d was submitted to the %s pool and runs on a worker thread of the %s pool: a job runs on one "
            "of its own pool's threads",
            number, pool_names[which], pool_names[!which]);
    runs_for = 1 + which;
}

static void run_job(void *argument) {
    struct job *job = argument;
    if (job < jobs || job >= jobs + MAX_JOBS) explore_fail("a job runs with an argument that nobody submitted");
    check_thread(job->number);
    note_start(job->number);
    job->out = job->in + 1;
    if (job->then) job->then(job);
    note_end(job->number);
}

void pool_is_open(size_t workers, size_t capacity) {
    note_pool(FIRST, workers, capacity);
}

static struct thread_pool *open_one(int which, size_t workers, size_t capacity) {
    note_pool(which, workers, capacity);
    struct thread_pool *made = pool_new(workers, capacity);
    if (!made) explore_fail("pool_new(%zu, %zu) answers NULL although there are memory and threads", workers, capacity);
    return made;
}

void pool_open(size_t workers, size_t capacity) {
    pool = open_one(FIRST, workers, capacity);
}

void other_pool_open(size_t workers, size_t capacity) {
    other_pool = open_one(SECOND, workers, capacity);
}

void pool_close(void) {
    pool_free(pool);
    pool_free(other_pool);
    pool = other_pool = NULL; /* what is left behind is a leak */
}

static enum pool_status call_pool(struct thread_pool *p, struct job *job, enum call call, uint64_t timeout_ns) {
    return call == SUBMIT       ? pool_submit(p, run_job, job)
           : call == TRY_SUBMIT ? pool_try_submit(p, run_job, job)
                                : pool_submit_within(p, run_job, job, timeout_ns);
}

static enum pool_status submit_to(int which, int number, enum call call, uint64_t timeout_ns) {
    struct job *job = &jobs[number];
    job->number = number;
    job->in = 100 + number;
    note_submit(number, which);
    enum pool_status status = call_pool(which == FIRST ? pool : other_pool, job, call, timeout_ns);
    enum pool_status waited = call == SUBMIT ? POOL_OK : call == TRY_SUBMIT ? POOL_FULL : POOL_TIMEOUT;
    if (status != POOL_OK && status != POOL_CLOSED && status != waited)
        explore_fail("job %d: %s answers %s, which this call never does", number, call_names[call],
                     (unsigned)status <= POOL_CLOSED ? status_names[status] : "no enum pool_status");
    note_answer(number, call, status);
    return status;
}

enum pool_status submit_job(int number, enum call call, uint64_t timeout_ns) {
    return submit_to(FIRST, number, call, timeout_ns);
}

enum pool_status submit_to_other(int number, enum call call, uint64_t timeout_ns) {
    return submit_to(SECOND, number, call, timeout_ns);
}

void submit_until_closed(int number) {
    for (int i = 0; i < POLLS; i++) {
        enum pool_status status = submit_job(number, TRY_SUBMIT, 0);
        if (status == POOL_CLOSED) return;
        if (status == POOL_OK) explore_fail("pool_try_submit accepts job %d although the queue is full", number);
        explore_yield();
    }
    explore_fail(
        "pool_shutdown has been called by another thread, which waits in it, and pool_try_submit still answers "
        "POOL_FULL, not POOL_CLOSED");
}

int await_starts(int count) {
    int started = 0;
    for (int polls = 0; polls < POLLS && started < count; polls++) {
        explore_yield();
        started = 0;
        for (int i = 0; i < count; i++) started += job_started(i);
    }
    return started;
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

void drain_and_check(void) {
    size_t left = pool_shutdown(pool, POOL_DRAIN);
    if (left) explore_fail("a drain leaves nothing behind, but pool_shutdown answers %zu", left);
    check_all(0);
    pool_close();
}
