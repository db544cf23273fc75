/* SPDX-License-Identifier: MIT */
/* memory.c -- what the pool takes, and gives back.
 *
 *   no_memory   see refusals.h */
#include "driver.h"

#include "refusals.h"

#define WORKERS 3
#define CAPACITY 5

static _Atomic bool ran; /* not on a stack: a wrong pool may run its job late */

static void run(void *argument) {
    (void)argument;
    ran = true;
}

static void *make(void) {
    return pool_new(WORKERS, CAPACITY);
}

static bool works(void *pool) {
    ran = false;
    pool_submit(pool, run, NULL);
    pool_wait_idle(pool);
    return ran;
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
