/* SPDX-License-Identifier: MIT */
/* explore_end.c -- begin and end of a pool, and waiting for a lull.
 *
 *   closing    shutdown, drain or discard, once or twice, meets submitters that wait; or pool_free drains
 *   starting   memory or threads fail in pool_new; if there is a pool all the same, it is whole
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

static const char *const stop_names[] = {"POOL_DRAIN", "POOL_DISCARD"};

/* Once submits are refused, the first shutdown has begun, and this one comes too late. */
static void *stop_too_late(void *argument) {
    enum pool_stop how = how_first == POOL_DRAIN ? POOL_DISCARD : POOL_DRAIN;
    name_driver_thread("late shutdown");
    submit_until_closed(6);
    sem_post(&released);
    size_t left = pool_shutdown(pool, how);
    if (left)
        explore_fail("a pool_shutdown with %s has begun; a second one, with %s, answers %zu", stop_names[how_first],
                     stop_names[how], left);
    return argument;
}

/* Another thread has been told by now that the pool is closed. The queue may be full still. */
static void submit_after_release(void *argument) {
    wait_for_release(argument);
    submit_job(2, explore_choose(2) ? TRY_SUBMIT : SUBMIT_WITHIN, 0);
}

/* Runs after job 0, in a drain; the queue is empty. */
static void submit_in_a_drain(void *argument) {
    (void)argument;
    submit_job(3, (enum call)explore_choose(3), 0);
}

/* The queue is full as long as nobody releases the running job. The jobs submit more: too late. */
static void stop_twice(void) {
    pthread_t thread;
    how_first = explore_choose(4) == 3 ? POOL_DISCARD : POOL_DRAIN;
    sem_init(&released, 0, 0);
    pool_open(1, 1);
    jobs[0].then = submit_after_release;
    jobs[1].then = submit_in_a_drain;
    submit_job(0, SUBMIT, 0);
    submit_job(1, SUBMIT, 0);
    jobs[6].submitter = 1;
    pthread_create(&thread, NULL, stop_too_late, NULL);
    discarded = pool_shutdown(pool, how_first);
    note_shutdown();
    check_all(discarded);
    if (how_first == POOL_DRAIN && discarded)
        explore_fail("a drain leaves nothing behind, but pool_shutdown answers %zu", discarded);
    submit_job(4, (enum call)explore_choose(3), 0);
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
        if (!job_started(i))
            explore_fail("pool_free has returned, and job %d, which had been accepted, has not run", i);
    check_all(0);
}

void run_closing(void) {
    name_driver_thread("main");
    switch (explore_choose(8)) {
    case 0:
        return free_while_open();
    case 1:
    case 2:
        return stop_twice();
    default:
        return stop_submitters();
    }
}

/* As many jobs as there should be workers wait until all of them have begun. */
static void use_all_workers(void) {
    pool_is_open(MAX_WORKERS, MAX_WORKERS);
    sem_init(&released, 0, 0);
    for (int i = 0; i < MAX_WORKERS; i++) {
        jobs[i].then = wait_for_release;
        submit_job(i, TRY_SUBMIT, 0);
    }
    int started = await_starts(MAX_WORKERS);
    if (started < MAX_WORKERS)
        explore_fail("pool_new(%d, %d) answered a pool although not all of its workers run: of %d jobs that wait for "
                     "each other %d began; it answers NULL when a thread will not start or there is no memory",
                     MAX_WORKERS, MAX_WORKERS, MAX_WORKERS, started);
    for (int i = 0; i < MAX_WORKERS; i++) sem_post(&released);
    drain_and_check();
    sem_destroy(&released);
}

void run_starting(void) {
    unsigned threads = explore_choose(3), allocations = explore_choose(3);
    name_driver_thread("main");
    explore_fail_threads(threads);
    explore_fail_malloc(allocations);
    pool = pool_new(MAX_WORKERS, MAX_WORKERS);
    explore_fail_threads(0);
    explore_fail_malloc(0);
    pool_free(NULL);
    if (pool) return use_all_workers();
    if (!threads && !allocations) explore_fail("pool_new answers NULL although there are memory and threads");
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
    submit_until_closed(6);
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
