/* SPDX-License-Identifier: MIT */
/* explore_end.c -- begin and end of a pool, and waiting for a lull.
 *
 *   closing    shutdown, drain or discard, once or twice, meets submitters that wait; or pool_free drains
 *   starting   memory or threads fail in pool_new
 *   idle       pool_wait_idle against jobs that go on for ever, against discarded ones, in a
 *              drain, and beside another pool's */
#include "explored.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

/* Thread-specific values of the workers that ran a job; the destructors count plainly, so that
 * only a join orders them before the reader. */
static pthread_key_t key;
static struct {
    int made[MAX_JOBS], destroyed[MAX_JOBS];
} values;

static void destroy_value(void *made) {
    pthread_mutex_t pause = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&pause); /* a place to be overtaken in */
    values.destroyed[(int *)made - values.made] = 1;
    pthread_mutex_unlock(&pause);
}

static void make_value(void *argument) {
    struct job *job = argument;
    if (pthread_getspecific(key)) return;
    values.made[job->number] = 1;
    pthread_setspecific(key, &values.made[job->number]);
}

static void check_values(void) {
    for (int i = 0; i < MAX_JOBS; i++)
        if (values.made[i] && !values.destroyed[i])
            explore_fail(
                "pool_shutdown has returned, and a worker thread has yet to destroy its thread-specific value");
}

static size_t discarded;
static enum pool_stop how_first;

static size_t stop_and_check(enum pool_stop how) {
    size_t left = pool_shutdown(pool, how);
    check_values();
    return left;
}

static void *submit_late(void *argument) {
    int first = *(int *)argument;
    name_driver_thread("submitter");
    for (int i = first; i < first + 2; i++) {
        jobs[i].then = make_value;
        jobs[i].submitter = first;
        submit_job(i, explore_choose(2) ? SUBMIT : SUBMIT_WITHIN, UINT64_MAX);
    }
    return argument;
}

static void *stop_too(void *argument) {
    name_driver_thread("second shutdown");
    *(size_t *)argument = stop_and_check(how_first);
    return argument;
}

static sem_t released;

static void wait_for_release(void *argument) {
    (void)argument;
    sem_wait(&released);
}

static void *release(void *argument) {
    name_driver_thread("release");
    sem_post(&released);
    return argument;
}

/* Once submits are refused, the first shutdown has begun, and this one comes too late. */
static void *discard_too_late(void *argument) {
    name_driver_thread("late discard");
    while (submit_job(6, TRY_SUBMIT, 0) != POOL_CLOSED) explore_yield();
    sem_post(&released);
    size_t left = pool_shutdown(pool, POOL_DISCARD);
    if (left) explore_fail("a drain has begun; a second pool_shutdown, with POOL_DISCARD, answers %zu", left);
    return argument;
}

/* The queue is full as long as nobody releases the running job. */
static void drain_then_discard(void) {
    pthread_t thread;
    sem_init(&released, 0, 0);
    pool_open(1, 1);
    jobs[0].then = wait_for_release;
    submit_job(0, SUBMIT, 0);
    submit_job(1, SUBMIT, 0);
    jobs[6].submitter = 1;
    pthread_create(&thread, NULL, discard_too_late, NULL);
    discarded = pool_shutdown(pool, POOL_DRAIN);
    check_all(discarded);
    if (discarded) explore_fail("a drain leaves nothing behind, but pool_shutdown answers %zu", discarded);
    pthread_join(thread, NULL);
    pool_close();
    sem_destroy(&released);
}

static void stop_submitters(void) {
    static int firsts[2] = {0, 6};
    pthread_t submitters[2], stopper;
    size_t other = 0;
    bool both = explore_choose(2);
    pthread_key_create(&key, destroy_value);
    how_first = explore_choose(2) ? POOL_DISCARD : POOL_DRAIN;
    pool_open(1 + explore_choose(2), 1);
    for (int i = 0; i < 2; i++) pthread_create(&submitters[i], NULL, submit_late, &firsts[i]);
    if (both) pthread_create(&stopper, NULL, stop_too, &other);
    discarded = stop_and_check(how_first);
    if (both) pthread_join(stopper, NULL);
    if (discarded && other)
        explore_fail("two shutdowns answer %zu and %zu: only the first one counts", discarded, other);
    for (int i = 0; i < 2; i++) pthread_join(submitters[i], NULL);
    check_all(discarded + other);
    if (pool_shutdown(pool, POOL_DISCARD)) explore_fail("a later pool_shutdown does not answer 0");
    pool_close();
    pthread_key_delete(key);
}

static void free_while_open(void) {
    pool_open(1 + explore_choose(2), 3);
    for (int i = 0; i < 3; i++) submit_job(i, SUBMIT, 0);
    pool_close();
    for (int i = 0; i < 3; i++)
        if (!job_started(i)) explore_fail("job %d was accepted, and pool_free has returned without its having run", i);
    check_all(0);
}

void run_closing(void) {
    name_driver_thread("main");
    switch (explore_choose(8)) {
    case 0:
        return free_while_open();
    case 1:
    case 2:
        return drain_then_discard();
    default:
        return stop_submitters();
    }
}

void run_starting(void) {
    name_driver_thread("main");
    explore_fail_threads(explore_choose(3));
    explore_fail_malloc(explore_choose(3));
    pool = pool_new(MAX_WORKERS, 2);
    explore_fail_threads(0);
    explore_fail_malloc(0);
    pool_free(NULL);
    if (!pool) return;
    pool_free(pool);
    pool = NULL;
}

static atomic_bool over;
static int chain_length;

/* There is always a job accepted later. */
static void go_on(void *argument) {
    (void)argument;
    if (!atomic_load_explicit(&over, memory_order_relaxed)) pool_try_submit(pool, go_on, NULL);
    chain_length++; /* one at a time, in order: the pool orders them */
}

static void wait_beside_a_chain(void) {
    pool_open(1, 2);
    if (pool_submit(pool, go_on, NULL) != POOL_OK) explore_fail("an open pool does not accept a job");
    submit_job(0, SUBMIT, 0);
    pool_wait_idle(pool);
    check_ran(0);
    atomic_store_explicit(&over, true, memory_order_relaxed);
}

static void *discard_all(void *argument) {
    name_driver_thread("shutdown");
    discarded = pool_shutdown(pool, POOL_DISCARD);
    return argument;
}

/* A job runs, one is queued; somebody waits for both, and the queued one is discarded. */
static void wait_for_discarded(void) {
    pthread_t stopper, releaser;
    sem_init(&released, 0, 0);
    pool_open(1, 2);
    jobs[0].then = wait_for_release;
    submit_job(0, SUBMIT, 0);
    submit_job(1, SUBMIT, 0);
    pthread_create(&stopper, NULL, discard_all, NULL);
    pthread_create(&releaser, NULL, release, NULL);
    pool_wait_idle(pool);
    if (job_started(0)) check_ran(0);
    pthread_join(releaser, NULL);
    pthread_join(stopper, NULL);
    check_all(discarded);
    sem_destroy(&released);
}

static void *drain_all(void *argument) {
    name_driver_thread("shutdown");
    *(size_t *)argument = pool_shutdown(pool, POOL_DRAIN);
    return argument;
}

/* In a closed pool a job runs and another one is queued. */
static void wait_in_a_drain(void) {
    pthread_t stopper, releaser;
    size_t left;
    sem_init(&released, 0, 0);
    pool_open(1, 1);
    jobs[0].then = wait_for_release;
    submit_job(0, SUBMIT, 0);
    submit_job(1, SUBMIT, 0);
    pthread_create(&stopper, NULL, drain_all, &left);
    while (submit_job(6, TRY_SUBMIT, 0) != POOL_CLOSED) explore_yield();
    pthread_create(&releaser, NULL, release, NULL);
    pool_wait_idle(pool);
    check_ran(0), check_ran(1);
    pthread_join(releaser, NULL);
    pthread_join(stopper, NULL);
    check_all(left);
    sem_destroy(&released);
}

/* Two wait for two different jobs. */
static void *wait_too(void *argument) {
    name_driver_thread("second waiter");
    submit_job(6, SUBMIT, 0);
    pool_wait_idle(pool);
    check_ran(6);
    return argument;
}

static void wait_side_by_side(void) {
    pthread_t waiter;
    pool_open(1 + explore_choose(2), 1 + explore_choose(2));
    jobs[6].submitter = 1;
    pthread_create(&waiter, NULL, wait_too, NULL);
    for (int i = 0; i < 2; i++) {
        submit_job(i, SUBMIT, 0);
        pool_wait_idle(pool);
        check_ran(i);
    }
    pthread_join(waiter, NULL);
}

/* The oldest job is the last to end, long after younger ones. */
static void wait_for_the_oldest(void) {
    pthread_t releaser;
    sem_init(&released, 0, 0);
    pool_open(2, 1);
    jobs[0].then = wait_for_release;
    for (int i = 0; i < 6; i++) submit_job(i, SUBMIT, 0);
    pthread_create(&releaser, NULL, release, NULL);
    pool_wait_idle(pool);
    for (int i = 0; i < 6; i++) check_ran(i);
    pthread_join(releaser, NULL);
    sem_destroy(&released);
}

void run_idle(void) {
    static void (*const cases[])(void) = {wait_side_by_side,   wait_beside_a_chain, wait_for_discarded,
                                          wait_for_the_oldest, wait_in_two_pools,   wait_in_a_drain};
    name_driver_thread("main");
    cases[explore_choose(6)]();
    pool_close();
}
