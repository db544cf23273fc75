/* SPDX-License-Identifier: MIT */
/* scenarios.c -- the list of scenarios, and what they share. */
#include "driver.h"

#include <stddef.h>

#include "evidence.h"
#include "scenario.h"

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
