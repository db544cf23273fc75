/* SPDX-License-Identifier: MIT */
/* driver.h -- what the driver's files share. explored.h is the explorer's. */
#ifndef DRIVER_H
#define DRIVER_H

#include <stdint.h>

#include "thread_pool.h"

/* A new pool. Without one there is no traffic, and the process ends saying so. */
struct thread_pool *new_pool(uint64_t workers, uint64_t capacity);

/* How far the count came: `all`, or less if it did not move for seconds. */
uint64_t await_count(_Atomic uint64_t *count, uint64_t all);

/* Tries to submit `job` until the answer is POOL_CLOSED, while another thread
 * waits in pool_shutdown. The last answer: another one if it did not change for seconds. */
enum pool_status await_closed(struct thread_pool *pool, pool_job job);

/* The threads of this process that were not there before a pool was made. */
enum { MAX_TASKS = 1024 };
struct tasks {
    int ids[MAX_TASKS];
    int count;
};
/* What the kernel has counted for some threads, together. */
struct task_use {
    uint64_t cpu_ns, switches; /* switches: times that one of them went to sleep */
    int awake;                 /* threads that run or want to */
};
struct tasks tasks_all(void);
struct tasks tasks_besides(const struct tasks *others);
struct task_use tasks_use(const struct tasks *);

void crowd(uint64_t seed);       /* crowd.c */
void asleep(uint64_t seed);      /* wakeups.c */
void no_memory(uint64_t seed);   /* memory.c */
void bench(uint64_t seed);       /* bench.c */
void inline_work(uint64_t seed); /* bench.c */
void large(uint64_t seed);       /* large.c */
void many(uint64_t seed);        /* many.c */
void cost(uint64_t seed);        /* latency.c */
void latency(uint64_t seed);     /* latency.c */
void stacks(uint64_t seed);      /* latency.c */

#endif
