/* SPDX-License-Identifier: MIT
 *
 * alternation.c -- two threads add two numbers to each other, six times each. The numbers grow to the fourteenth
 * Fibonacci number only if the threads take strict turns, twelve of them (after fib_bench of SV-COMP).
 *
 * planted 1 (property) within 8000: the bound that is claimed is too low by one; each addition is three atomic accesses
 * planted 2 (property) within 4000: the same bound, and additions under a mutex
 * planted 3 (property): the same bound, and additions of different length */
#include "explore.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#ifndef PLANTED
#define PLANTED 0
#endif

enum { TIMES = 6, LARGEST = 377 - (PLANTED != 0) };

static atomic_int numbers[2];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void add_atomically(int to) {
    int sum = atomic_load(&numbers[to]) + atomic_load(&numbers[!to]);
    if (PLANTED == 3 && to) sum = atomic_load(&numbers[0]) + atomic_load(&numbers[1]);
    atomic_store(&numbers[to], sum);
}

static void *add(void *argument) {
    int to = (int)(long)argument;
    for (int i = 0; i < TIMES; i++) {
        if (PLANTED == 2) pthread_mutex_lock(&mutex);
        if (PLANTED == 2)
            atomic_store_explicit(&numbers[to],
                                  atomic_load_explicit(&numbers[0], memory_order_relaxed) +
                                      atomic_load_explicit(&numbers[1], memory_order_relaxed),
                                  memory_order_relaxed);
        else
            add_atomically(to);
        if (PLANTED == 2) pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void run(void) {
    pthread_t threads[2];
    atomic_init(&numbers[0], 1);
    atomic_init(&numbers[1], 1);
    for (long i = 0; i < 2; i++) pthread_create(&threads[i], NULL, add, (void *)i);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    int first = atomic_load(&numbers[0]), second = atomic_load(&numbers[1]);
    if (first > LARGEST || second > LARGEST) explore_fail("%d and %d, where %d is the most", first, second, LARGEST);
}

const struct explore_scenario explore_scenarios[] = {{"turns", run}, {NULL, NULL}};
