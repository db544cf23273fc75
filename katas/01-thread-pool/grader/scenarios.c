/* SPDX-License-Identifier: MIT */
/* scenarios.c -- the list of scenarios, and what they share. */
#include "driver.h"

#include <stdatomic.h>
#include <stddef.h>
#include <time.h>

#include "evidence.h"
#include "scenario.h"

#define PATIENCE_MS 5000
#define CLOSING_MS 1500 /* turns, really: at each the other thread may go on */

const struct scenario scenarios[] = {
    {"crowd", crowd}, {"asleep", asleep}, {"no_memory", no_memory}, {"bench", bench},     {"inline_work", inline_work},
    {"large", large}, {"many", many},     {"cost", cost},           {"latency", latency}, {"stacks", stacks},
    {NULL, NULL},
};

struct thread_pool *new_pool(uint64_t workers, uint64_t capacity) {
    struct thread_pool *pool = pool_new(workers, capacity);
    if (pool) return pool;
    evidence_broken_off("pool_new", "answered NULL, with memory and threads to be had", "a pool", "pool_new");
}

static void sleep_1_ms(void) {
    nanosleep(&(struct timespec){0, 1000000}, NULL);
}

enum pool_status await_closed(struct thread_pool *pool, pool_job job) {
    enum pool_status status = POOL_OK;
    for (int waited_ms = 0; waited_ms < CLOSING_MS; waited_ms++) {
        status = pool_try_submit(pool, job, NULL);
        if (status == POOL_CLOSED) break;
        sleep_1_ms();
    }
    return status;
}

uint64_t await_count(_Atomic uint64_t *count, uint64_t all) {
    uint64_t last = 0;
    for (int waited_ms = 0; waited_ms < PATIENCE_MS; waited_ms++) {
        uint64_t now = atomic_load(count);
        if (now >= all) return now;
        if (now > last) last = now, waited_ms = 0;
        sleep_1_ms();
    }
    return last;
}
