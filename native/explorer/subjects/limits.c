/* SPDX-License-Identifier: MIT
 *
 * limits.c -- large programs, and those too large for the explorer: that is said, and nothing else is.
 *
 * planted 1 (limit): 24,000 steps, which come to an end
 * planted 2 (limit): 40 MiB of heap
 * planted 3 (limit): 2 MiB of local variables
 * planted 4 (limit): 20 threads
 * planted 5 (livelock): steps without end
 * planted 6 (out_of_bounds): one byte beyond 16 MiB of heap
 * planted 7 (limit): 20,000 blocks
 * planted 8 (limit): 24,000 steps under some schedules */
#include "explore.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef PLANTED
#define PLANTED 0
#endif

enum { STEPS = PLANTED == 1 ? 24000 : 100, THREADS = PLANTED == 4 ? 20 : 13, BLOCKS = PLANTED == 7 ? 20000 : 100 };

static atomic_int word;

static void run_steps(void) {
    for (int i = 0; i < STEPS || PLANTED == 5; i++) atomic_fetch_add(&word, 1);
}

static void run_heap(void) {
    size_t size = PLANTED == 2 ? 40 << 20 : PLANTED == 6 ? 16 << 20 : 16 << 10;
    char *memory = malloc(size);
    memory[PLANTED == 6 ? size : size - 1] = 1;
    free(memory);
    char *blocks[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) blocks[i] = malloc(8);
    for (int i = 0; i < BLOCKS; i++) free(blocks[i]);
}

static void *fill_table(void *unused) {
    volatile char table[PLANTED == 3 ? 2 << 20 : 256 << 10];
    for (size_t i = 0; i < sizeof table; i += 4096) table[i] = 1;
    return unused;
}

static void run_stack(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, fill_table, NULL);
    fill_table(NULL);
    pthread_join(thread, NULL);
}

static void *count(void *unused) {
    atomic_fetch_add(&word, 1);
    return unused;
}

static void run_threads(void) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, count, NULL);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
}

static void *sleep_long(void *unused) {
    sleep(3600);
    return count(unused);
}

/* Who comes second has much to do, if that is the other thread. */
static void *come(void *as) {
    int expected = 0;
    bool first = atomic_compare_exchange_strong(&word, &expected, 1);
    for (int i = 0; i < 24000 && PLANTED == 8 && as && !first; i++) atomic_fetch_add(&word, 1);
    return NULL;
}

static void run_late(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, come, &word);
    come(NULL);
    pthread_join(thread, NULL);
}

/* Not even an hour of somebody else's sleep makes a spin endless. */
static void run_spin(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, sleep_long, NULL);
    while (!atomic_load(&word)) sched_yield();
    pthread_join(thread, NULL);
}

const struct explore_scenario explore_scenarios[] = {
    {"steps", run_steps}, {"heap", run_heap}, {"stack", run_stack}, {"threads", run_threads},
    {"spin", run_spin},   {"late", run_late}, {NULL, NULL},
};
