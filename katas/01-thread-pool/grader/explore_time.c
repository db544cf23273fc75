/* SPDX-License-Identifier: MIT */
/* explore_time.c -- virtual time.
 *
 *   timing     a submit with a timeout, against a queue that stays full, or gets room, while
 *              somebody sets the clock; against a queue that is full again whenever it had room;
 *              pool_try_submit against a full queue
 *   sleeping   a pool idle, or blocked, for some years */
#include "explored.h"

#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#define NS_PER_S 1000000000u
#define LATE_NS NS_PER_S /* how much later than asked for a timeout may come */
#define SPIN_NS 50000u
#define LONG_NS (UINT64_C(1) << 62) /* 146 years: virtual time need not go further */

static sem_t released;

static void wait_for_release(void *job) {
    (void)job;
    sem_wait(&released);
}

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static void sleep_ns(uint64_t ns) {
    nanosleep(&(struct timespec){(time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S)}, NULL);
}

/* One worker, busy; room for one job, taken. */
static void open_full(void) {
    sem_init(&released, 0, 0);
    pool_open(1, 1);
    jobs[0].then = wait_for_release;
    submit_job(0, SUBMIT, 0);
    submit_job(1, SUBMIT, 0);
}

static void end_full(bool release) {
    if (release) sem_post(&released);
    pool_wait_idle(pool);
    if (pool_shutdown(pool, POOL_DRAIN)) explore_fail("a drain leaves nothing behind");
    check_all(0);
    pool_close();
    sem_destroy(&released);
}

struct helper {
    uint64_t release_after_ns;
    long step_s;
};

static void *disturb(void *argument) {
    const struct helper *helper = argument;
    name_driver_thread("clock");
    if (helper->step_s) explore_step_realtime(helper->step_s);
    if (!helper->release_after_ns) return NULL;
    sleep_ns(helper->release_after_ns);
    sem_post(&released);
    return NULL;
}

static void check_timeout(uint64_t begun_ns, uint64_t timeout_ns) {
    uint64_t waited = now_ns() - begun_ns;
    if (waited < (timeout_ns < LONG_NS ? timeout_ns : LONG_NS))
        explore_fail("pool_submit_within with a timeout of %llu ns answers POOL_TIMEOUT after %llu ns",
                     (unsigned long long)timeout_ns, (unsigned long long)waited);
    if (timeout_ns < LATE_NS * 2ull && waited > timeout_ns && waited - timeout_ns > LATE_NS)
        explore_fail("pool_submit_within with a timeout of %llu ns answers POOL_TIMEOUT only after %llu ns",
                     (unsigned long long)timeout_ns, (unsigned long long)waited);
}

/* Nobody else does anything meanwhile, so no time passes. */
static void try_while_full(void) {
    open_full();
    uint64_t begun = now_ns();
    enum pool_status status = submit_job(2, TRY_SUBMIT, 0);
    uint64_t waited = now_ns() - begun;
    if (status != POOL_FULL) explore_fail("pool_try_submit accepts a job although the queue is full");
    if (waited > SPIN_NS)
        explore_fail("pool_try_submit with a full queue answers only after %llu ns", (unsigned long long)waited);
    end_full(1);
}

enum { REFILL_EVERY_S = 1000, REFILLS = 5, REFILLED_TIMEOUT_S = 7200 };

static uint64_t refills_begin_ns;

/* A moment, not a while: it is over before the timeout, so nothing passes the time after that. */
static void sleep_until_refill(int nth) {
    uint64_t end_ns = refills_begin_ns + (uint64_t)nth * REFILL_EVERY_S * NS_PER_S;
    struct timespec end = {(time_t)(end_ns / NS_PER_S), (long)(end_ns % NS_PER_S)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL);
}

/* Before time passes the submitter has called, read the clock, and waits. Nobody else can run, so
 * each of these lets it do a step. */
static void let_submitter_wait(void) {
    for (int i = 0; i < 200; i++) explore_yield();
}

/* A job that begins has left room in the queue, which wakes the submitter; and takes it, if it is faster. */
static void refill(void *argument) {
    const struct job *job = argument;
    if (job->number == 0)
        let_submitter_wait();
    else
        submit_job(job->number + 1, TRY_SUBMIT, 0);
    if (job->number < REFILLS)
        sleep_until_refill(job->number + 1);
    else
        wait_for_release(NULL);
}

static void time_out_among_refills(void) {
    sem_init(&released, 0, 0);
    pool_open(1, 1);
    for (int i = 0; i <= REFILLS; i++) jobs[i].then = refill;
    jobs[11].submitter = 1;
    refills_begin_ns = now_ns();
    submit_job(0, SUBMIT, 0);
    submit_job(1, SUBMIT, 0);
    uint64_t begun = now_ns(), timeout_ns = (uint64_t)REFILLED_TIMEOUT_S * NS_PER_S;
    enum pool_status status = submit_job(11, SUBMIT_WITHIN, timeout_ns);
    uint64_t waited = now_ns() - begun;
    if (status == POOL_TIMEOUT) check_timeout(begun, timeout_ns);
    if (waited > timeout_ns + LATE_NS)
        explore_fail("pool_submit_within with a timeout of %d s answers only after %llu s: it was woken now and then, "
                     "found the queue full again, and its time seems to have begun anew; the time counts from the call",
                     REFILLED_TIMEOUT_S, (unsigned long long)(waited / NS_PER_S));
    end_full(true);
}

void run_timing(void) {
    static const uint64_t timeouts[] = {20000000,  0, 1, 1500000000, 999999999, 7200000000000, (uint64_t)INT64_MAX + 1,
                                        UINT64_MAX};
    static const long steps[] = {0, 3600, -3600};
    pthread_t thread;
    name_driver_thread("main");
    switch (explore_choose(16)) {
    case 15:
        return try_while_full();
    case 14:
        return time_out_among_refills();
    }
    uint64_t timeout = timeouts[explore_choose(8)];
    struct helper helper = {0, steps[explore_choose(3)]};
    if (timeout > 86400ull * NS_PER_S)
        helper.release_after_ns = 3600ull * NS_PER_S; /* an hour is not yet 292 years */
    else if (explore_choose(2))
        helper.release_after_ns = timeout / 2;
    open_full();
    pthread_create(&thread, NULL, disturb, &helper);
    uint64_t begun = now_ns();
    if (submit_job(2, SUBMIT_WITHIN, timeout) == POOL_TIMEOUT) check_timeout(begun, timeout);
    pthread_join(thread, NULL);
    end_full(!helper.release_after_ns);
}

static void *submit_blocked(void *argument) {
    name_driver_thread("submitter");
    submit_job(2, SUBMIT, 0);
    return argument;
}

static void *wait_blocked(void *argument) {
    name_driver_thread("waiter");
    pool_wait_idle(pool);
    return argument;
}

/* A timer of anybody's, had it only an hour to run, would not come to the end of all these days
 * within the explorer's steps. Days, since the explorer may let a whole sleep pass at once. */
static void sleep_for_years(void) {
    for (int day = 0; day < 1000; day++) sleep_ns(86400ull * NS_PER_S);
}

void run_sleeping(void) {
    pthread_t submitter, waiter;
    name_driver_thread("main");
    if (explore_choose(2)) {
        pool_open(2, 1);
        sleep_for_years();
    } else {
        open_full();
        pthread_create(&submitter, NULL, submit_blocked, NULL);
        pthread_create(&waiter, NULL, wait_blocked, NULL);
        sleep_for_years();
        sem_post(&released);
        pthread_join(submitter, NULL);
        pthread_join(waiter, NULL);
        sem_destroy(&released);
    }
    pool_close();
}
