/* SPDX-License-Identifier: MIT */
/* calls.c -- what scripted calls need besides the contract: jobs with names.
 *
 * A script runs on one thread and must know each answer beforehand. So its jobs
 * only note that they ran, and it can plug a worker: a plug is a job that
 * waits, so that what is queued behind it stays queued. Answers are pointers
 * to things that the script has given names. */
#include <semaphore.h>
#include <stdbool.h>
#include <stddef.h>

#include "driver.h"
#include "gate.h"

#define JOBS 32
#define RUNS 256

static const char statuses[4], letters[JOBS];
static struct {
    pthread_mutex_t lock;
    const void *ran[RUNS];
    pthread_cond_t noted;
    uint64_t count, accepted, plugs;
    sem_t plugged, released;
    enum pool_status while_closing;
} book = {.lock = PTHREAD_MUTEX_INITIALIZER, .noted = PTHREAD_COND_INITIALIZER};

void script_begin(void);
void script_begin(void) {
    book.count = book.accepted = book.plugs = 0;
    sem_init(&book.plugged, 0, 0);
    sem_init(&book.released, 0, 0);
}

/* What POOL_OK and so on, and job `number`, are in answers. */
const void *script_status(int status);
const void *script_status(int status) {
    return status >= POOL_OK && status <= POOL_CLOSED ? &statuses[status] : NULL;
}

const void *script_job(uint32_t number);
const void *script_job(uint32_t number) {
    return &letters[number % JOBS];
}

static void note(void *letter) {
    pthread_mutex_lock(&book.lock);
    if (book.count < RUNS) book.ran[book.count++] = letter;
    pthread_cond_broadcast(&book.noted);
    pthread_mutex_unlock(&book.lock);
}

const void *script_submit(struct thread_pool *pool, void *job);
const void *script_submit(struct thread_pool *pool, void *job) {
    enum pool_status status = pool_submit(pool, note, job);
    book.accepted += status == POOL_OK;
    return script_status((int)status);
}

const void *script_try_submit(struct thread_pool *pool, void *job);
const void *script_try_submit(struct thread_pool *pool, void *job) {
    return script_status((int)pool_try_submit(pool, note, job));
}

const void *script_submit_within(struct thread_pool *pool, void *job, uint64_t timeout_ns);
const void *script_submit_within(struct thread_pool *pool, void *job, uint64_t timeout_ns) {
    return script_status((int)pool_submit_within(pool, note, job, timeout_ns));
}

static void wait_in_job(void *argument) {
    (void)argument;
    sem_post(&book.plugged);
    sem_wait(&book.released);
}

/* Gives `workers` idle workers a job each that waits; returns when all run. */
void script_plug(struct thread_pool *pool, uint64_t workers);
void script_plug(struct thread_pool *pool, uint64_t workers) {
    for (uint64_t i = 0; i < workers; i++) pool_submit(pool, wait_in_job, NULL);
    for (uint64_t i = 0; i < workers; i++) sem_wait(&book.plugged);
    book.plugs = workers;
}

void script_unplug(void);
void script_unplug(void) {
    for (; book.plugs > 0; book.plugs--) sem_post(&book.released);
}

static void *unplug_when_closed(void *pool) {
    book.while_closing = await_closed(pool, note);
    script_unplug();
    return NULL;
}

/* What a submit answered while pool_shutdown waited for the plugs. */
const void *script_while_closing(void);
const void *script_while_closing(void) {
    return script_status((int)book.while_closing);
}

/* Shuts down a pool whose workers are plugged and whose queue is full; they are
 * unplugged once submits are refused, or when that does not come. */
uint64_t script_shutdown(struct thread_pool *pool, int how);
uint64_t script_shutdown(struct thread_pool *pool, int how) {
    pthread_t helper = gate_thread(unplug_when_closed, pool);
    uint64_t left = pool_shutdown(pool, (enum pool_stop)how);
    pthread_join(helper, NULL);
    return left;
}

uint64_t script_ran(void);
uint64_t script_ran(void) {
    pthread_mutex_lock(&book.lock);
    uint64_t count = book.count;
    pthread_mutex_unlock(&book.lock);
    return count;
}

/* Returns when what script_submit handed over has run, whatever pool_wait_idle would say. */
void script_await(void);
void script_await(void) {
    pthread_mutex_lock(&book.lock);
    while (book.count < book.accepted) pthread_cond_wait(&book.noted, &book.lock);
    pthread_mutex_unlock(&book.lock);
}

/* The job that ran as the nth, 0 being the first; NULL: none did. */
const void *script_nth(uint32_t nth);
const void *script_nth(uint32_t nth) {
    return nth < script_ran() ? book.ran[nth] : NULL;
}

/* NULL is an answer, and so is a queue that holds SOME jobs while the worker is
 * busy. */
bool script_has_room(size_t capacity);
bool script_has_room(size_t capacity) {
    enum { SOME = 200 };
    struct thread_pool *pool = pool_new(1, capacity);
    if (!pool) return true;
    int accepted = 0;
    script_plug(pool, 1);
    while (accepted < SOME && pool_try_submit(pool, note, NULL) == POOL_OK) accepted++;
    script_unplug();
    pool_free(pool);
    return accepted == SOME;
}
