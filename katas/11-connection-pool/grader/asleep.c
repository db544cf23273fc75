/* SPDX-License-Identifier: MIT */
/* asleep.c -- does a caller that waits sleep?
 *
 *   asleep  waiters, turns
 *
 * The only connection is in use, and so many callers wait for it. This thread, on the same
 * CPU, gives way to them so many times: who sleeps takes no turn, who polls takes one each
 * time, or all the time there is. Then the connection goes from one to the next.
 *
 * Evidence: `waits`, a row for each that waited: `cpu_us` and `switches` of its thread between
 * its call and its answer, `status`. */
#include "driver.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "evidence.h"
#include "gate.h"
#include "scenario.h"

#define WAITERS_MAX 16
#define PATIENCE_US 2000000 /* for one who takes all the time there is */

EVIDENCE_ROW(wait, cpu_us, switches, status);

static struct conn_pool *pool;
static struct wait waits[WAITERS_MAX];

static void *open_one(void *world) {
    return world;
}

static void close_one(void *world, void *connection) {
    (void)world, (void)connection;
}

static bool is_alive(void *world, void *connection) {
    return world == connection;
}

static struct wait used_so_far(void) {
    struct rusage u;
    getrusage(RUSAGE_THREAD, &u);
    uint64_t us = (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000;
    return (struct wait){us + (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec), (uint64_t)(u.ru_nvcsw + u.ru_nivcsw),
                         0};
}

static void *wait_and_release(void *row) {
    void *connection;
    struct wait before = used_so_far();
    enum conn_status status = acquire(pool, &connection);
    struct wait after = used_so_far();
    *(struct wait *)row = (struct wait){after.cpu_us - before.cpu_us, after.switches - before.switches, status};
    if (status == CONN_OK) conn_release(pool, connection, false);
    return NULL;
}

static void stay_on_one_cpu(void) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET((unsigned)sched_getcpu(), &one);
    (void)sched_setaffinity(0, sizeof one, &one); /* on several, who polls takes its turns elsewhere */
}

static uint64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void give_way(uint64_t turns) {
    uint64_t begun = now_us();
    for (uint64_t i = 0; i < turns && now_us() - begun < PATIENCE_US; i++) sched_yield();
}

void asleep(uint64_t seed) {
    (void)seed;
    static char world;
    void *connection;
    uint64_t count = scenario_param("waiters");
    pthread_t threads[WAITERS_MAX];
    stay_on_one_cpu();
    pool = new_pool((struct pool_limits){1, 0, WAITERS_MAX, UINT64_MAX, 0, 0},
                    (struct pool_env){open_one, close_one, is_alive, &world});
    if (acquire(pool, &connection) != CONN_OK)
        evidence_broken_off("conn_acquire", "did not answer CONN_OK from an empty pool", "a connection",
                            "conn_acquire");
    for (uint64_t i = 0; i < count; i++) threads[i] = gate_thread(wait_and_release, &waits[i]);
    while (conn_pool_stats(pool).waiting < count) sched_yield();
    give_way(scenario_param("turns"));
    conn_release(pool, connection, false);
    for (uint64_t i = 0; i < count; i++) pthread_join(threads[i], NULL);
    evidence_rows("waits", wait, waits, count);
    conn_pool_free(pool);
}
