/* SPDX-License-Identifier: MIT */
/* explore_two.c -- two pools in one process, each with a thread that waits for
 * its jobs; then one of them is gone, and the other goes on. */
#include "explored.h"

#include <pthread.h>

static void add_one(void *count) {
    ++*(int *)count;
}

/* A pool of its own, from beginning to end. */
static void *use_another(void *argument) {
    int count = 0;
    name_driver_thread("second pool's");
    struct thread_pool *other = pool_new(1, 1);
    if (!other) explore_fail("pool_new answers NULL for a second pool although there are memory and threads");
    for (int i = 0; i < 2; i++)
        if (pool_submit(other, add_one, &count) != POOL_OK) explore_fail("a second pool does not accept a job");
    pool_wait_idle(other);
    if (count != 2) explore_fail("a second pool's pool_wait_idle returns when %d of its 2 jobs have run", count);
    if (pool_shutdown(other, POOL_DRAIN)) explore_fail("a second pool's drain leaves jobs behind");
    pool_free(other);
    return argument;
}

void wait_in_two_pools(void) {
    pthread_t user;
    pool_open(1, 1);
    pthread_create(&user, NULL, use_another, NULL);
    for (int i = 0; i < 2; i++) submit_job(i, SUBMIT, 0);
    pool_wait_idle(pool);
    check_ran(0), check_ran(1);
    pthread_join(user, NULL);
    if (submit_job(2, SUBMIT, 0) != POOL_OK) explore_fail("a pool accepts no job after another one has been shut down");
    pool_wait_idle(pool);
    check_ran(2);
}
