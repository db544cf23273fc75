/* SPDX-License-Identifier: MIT */
/* memory.c -- what the pool takes, and gives back.
 *
 *   no_memory   see refusals.h */
#include "driver.h"

#include <semaphore.h>
#include <stdatomic.h>

#include "refusals.h"

#define WORKERS 3
#define CAPACITY 5

/* Not on a stack: a wrong pool may run its jobs late. */
static _Atomic uint64_t begun;
static sem_t release;

static void meet(void *unused) {
    (void)unused;
    atomic_fetch_add(&begun, 1);
    while (sem_wait(&release) != 0) continue;
}

static void *make(void) {
    return pool_new(WORKERS, CAPACITY);
}

/* Do as many jobs as there are workers run at a time? Once they did not, the judgement is clear, and
 * later attempts do not wait for seconds. */
static bool works(void *pool) {
    static bool missed;
    begun = 0;
    sem_init(&release, 0, 0);
    for (int i = 0; i < WORKERS; i++) pool_submit(pool, meet, NULL);
    missed = missed || await_count(&begun, WORKERS) < WORKERS;
    for (int i = 0; i < WORKERS; i++) sem_post(&release);
    pool_wait_idle(pool);
    return !missed;
}

static void end(void *pool) {
    pool_free(pool);
}

static void live(uint64_t number) {
    struct thread_pool *pool = new_pool(WORKERS, CAPACITY);
    if (number % 2 == 0) works(pool);
    if (number % 3 == 0) pool_shutdown(pool, POOL_DISCARD);
    pool_free(pool);
}

void no_memory(uint64_t seed) {
    (void)seed;
    refuse_each(&(struct refused_object){make, works, end, live});
}
