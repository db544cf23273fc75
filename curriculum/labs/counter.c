/* SPDX-License-Identifier: MIT */
/* counter.c -- one counter, four ways, counted by several threads at once: a
 * mutex, one atomic, an atomic for each thread side by side in one cache line,
 * and the same 128 bytes apart.
 *
 *     counter mutex|atomic|shards|padded THREADS ADDS */
#include "rows.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define THREADS_MAX 64
/* Two lines of 64 bytes: processors fetch the neighbour of a line, too. */
#define APART 128

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long guarded;
static atomic_long shared;
static _Alignas(APART) atomic_long beside[THREADS_MAX];
static struct {
    _Alignas(APART) atomic_long n;
} apart[THREADS_MAX];

static long adds;

static void *add_with_mutex(void *self) {
    for (long i = 0; i < adds; i++) {
        pthread_mutex_lock(&lock);
        guarded++;
        pthread_mutex_unlock(&lock);
    }
    return self;
}

static void *add_to(atomic_long *counter) {
    for (long i = 0; i < adds; i++) atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
    return NULL;
}

static void *add_with_atomic(void *self) {
    (void)self;
    return add_to(&shared);
}

static void *add_to_shard(void *self) {
    return add_to(&beside[(intptr_t)self]);
}

static void *add_to_padded(void *self) {
    return add_to(&apart[(intptr_t)self].n);
}

static const struct {
    const char *name;
    void *(*add)(void *);
} ways[] = {
    {"mutex", add_with_mutex},
    {"atomic", add_with_atomic},
    {"shards", add_to_shard},
    {"padded", add_to_padded},
};

static long sum_of_all(void) {
    long sum = guarded + atomic_load(&shared);
    for (int i = 0; i < THREADS_MAX; i++) sum += atomic_load(&beside[i]) + atomic_load(&apart[i].n);
    return sum;
}

static void count(void *(*add)(void *), int threads) {
    pthread_t all[THREADS_MAX];
    for (intptr_t i = 0; i < threads; i++) {
        if (pthread_create(&all[i], NULL, add, (void *)i) != 0) give_up("pthread_create");
    }
    for (int i = 0; i < threads; i++) pthread_join(all[i], NULL);
}

/* Exit 0 only if nothing was lost: the speed of a wrong counter is no speed. */
int main(int argc, char **argv) {
    int threads = argc == 4 ? atoi(argv[2]) : 0;
    if (threads < 1 || threads > THREADS_MAX) return 2;
    adds = atol(argv[3]) / threads;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (strcmp(ways[i].name, argv[1]) == 0) count(ways[i].add, threads);
    }
    return sum_of_all() == adds * threads ? 0 : 1;
}
