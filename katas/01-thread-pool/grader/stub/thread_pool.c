/* SPDX-License-Identifier: MIT */
/* thread_pool.c -- a fixed number of threads, one bounded queue.
 *
 * This is the only file you edit. The types and the full contract are in
 * thread_pool.h; run `bun kata hint 01` when you are stuck.
 *
 * What must stay true, whatever the threads do:
 *   1. Every job accepted runs exactly once, or is counted by pool_shutdown.
 *   2. A queued job never waits for a running one while a worker is free.
 *   3. Nobody sleeps through the event that it sleeps for.
 *
 * Before you type, answer this on paper: a worker sleeps because the queue is
 * empty, a submitter because it is full. What exactly does each of them have
 * to find true when it wakes, and who has to say so? */
#include "thread_pool.h"

#include <stdlib.h>

struct thread_pool {
    int todo; /* What do submitters and workers share, and what guards it? */
};

/* Start `workers` threads around a queue of `queue_capacity` jobs. */
struct thread_pool *pool_new(size_t workers, size_t queue_capacity) {
    (void)workers, (void)queue_capacity;
    return NULL; /* TODO: and when the third of four threads does not start? */
}

/* Hand over a job; wait while the queue is full. */
enum pool_status pool_submit(struct thread_pool *pool, pool_job job, void *arg) {
    (void)pool, (void)job, (void)arg;
    return POOL_CLOSED; /* TODO: who wakes a submitter, and what may have changed until it runs? */
}

/* Hand over a job if there is room now. */
enum pool_status pool_try_submit(struct thread_pool *pool, pool_job job, void *arg) {
    (void)pool, (void)job, (void)arg;
    return POOL_CLOSED; /* TODO: how much of pool_submit is this? */
}

/* Hand over a job; wait for room for `timeout_ns` at most. */
enum pool_status pool_submit_within(struct thread_pool *pool, pool_job job, void *arg, uint64_t timeout_ns) {
    (void)pool, (void)job, (void)arg, (void)timeout_ns;
    return POOL_CLOSED; /* TODO: on which clock does a condition variable wait? */
}

/* Wait for the jobs accepted so far. */
void pool_wait_idle(struct thread_pool *pool) {
    (void)pool; /* TODO: how do you know these jobs from later ones? */
}

/* Close, then join every worker. */
size_t pool_shutdown(struct thread_pool *pool, enum pool_stop how) {
    (void)pool, (void)how;
    return 0; /* TODO: who may be asleep at this moment, and where? */
}

/* Give everything back. `pool` may be NULL. */
void pool_free(struct thread_pool *pool) {
    free(pool); /* TODO: what if nobody has called pool_shutdown? */
}
