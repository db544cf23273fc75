/* SPDX-License-Identifier: MIT
 *
 * sleeping_flag.c -- a consumer announces that it sleeps; the producer wakes it only then. Each
 * side writes one variable and reads the other's, so both need seq_cst: with less, both may read
 * the old value.
 *
 * planted 1 (all_asleep): release and acquire
 * planted 2 (all_asleep): the consumer looks before it announces */
#include "explore.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stddef.h>

#ifndef PLANTED
#define PLANTED 0
#endif

#define STORE (PLANTED == 1 ? memory_order_release : memory_order_seq_cst)
#define LOAD (PLANTED == 1 ? memory_order_acquire : memory_order_seq_cst)

static atomic_int message, sleeping;
static sem_t wake;

static void *produce(void *unused) {
    atomic_store_explicit(&message, 7, STORE);
    if (atomic_load_explicit(&sleeping, LOAD)) sem_post(&wake);
    return unused;
}

static int consume(void) {
    int early = PLANTED == 2 ? atomic_load_explicit(&message, LOAD) : 0;
    atomic_store_explicit(&sleeping, 1, STORE);
    int now = PLANTED == 2 ? early : atomic_load_explicit(&message, LOAD);
    if (!now) sem_wait(&wake);
    return atomic_load_explicit(&message, memory_order_acquire);
}

static void run(void) {
    pthread_t producer;
    sem_init(&wake, 0, 0);
    pthread_create(&producer, NULL, produce, NULL);
    int got = consume();
    pthread_join(producer, NULL);
    if (got != 7) explore_fail("the consumer got %d instead of 7", got);
    sem_destroy(&wake);
}

const struct explore_scenario explore_scenarios[] = {{"one_message", run}, {NULL, NULL}};
