/* SPDX-License-Identifier: MIT */
/* memory.c -- what the pool takes, and gives back.
 *
 *   no_memory   pool_new with the first allocation refused, the second, ...,
 *               until it needs no more; then some short lives.
 *
 * Evidence, an entry per attempt: `answered` (1: a pool, 0: NULL), `kept`
 * (allocations still held after NULL, or after use and pool_free); the counts
 * `ran` (1: the last attempt's pool ran the job that was submitted) and
 * `live_after_free` (allocations that the short lives left behind). */
#include "driver.h"

#include "evidence.h"
#include "heap.h"

#define ATTEMPTS 64
#define LIVES 50
#define WORKERS 3
#define CAPACITY 5

static _Atomic uint64_t ran_now; /* not on a stack: a wrong pool may run its job late */

static void run(void *argument) {
    (void)argument;
    ran_now = 1;
}

static uint64_t use_once(struct thread_pool *pool) {
    ran_now = 0;
    pool_submit(pool, run, NULL);
    pool_wait_idle(pool);
    return ran_now;
}

static uint64_t short_lives(void) {
    int64_t before = heap_live();
    for (int i = 0; i < LIVES; i++) {
        struct thread_pool *pool = new_pool(WORKERS, CAPACITY);
        if (i % 2 == 0) use_once(pool);
        if (i % 3 == 0) pool_shutdown(pool, POOL_DISCARD);
        pool_free(pool);
    }
    return (uint64_t)(heap_live() - before);
}

void no_memory(uint64_t seed) {
    (void)seed;
    uint64_t answered[ATTEMPTS] = {0}, kept[ATTEMPTS], ran = 0;
    size_t n = 0;
    for (; n < ATTEMPTS && (n == 0 || !answered[n - 1]); n++) {
        int64_t live = heap_live();
        heap_refuse_from(n + 1);
        struct thread_pool *pool = pool_new(WORKERS, CAPACITY);
        heap_refuse_from(0);
        answered[n] = pool != NULL;
        if (pool) {
            ran = use_once(pool);
            pool_free(pool);
        }
        kept[n] = (uint64_t)(heap_live() - live);
    }
    evidence_series("answered", answered, n);
    evidence_series("kept", kept, n);
    evidence_count("ran", ran);
    evidence_count("live_after_free", answered[n - 1] ? short_lives() : 0);
}
