/* SPDX-License-Identifier: MIT */
/* readers.c -- readers only, under a mutex and under a readers-writer lock, with sections of several lengths.
 *
 *     gcc -O2 -pthread curriculum/drills/readers.c -o .cache/readers && .cache/readers 2
 *
 * The argument is the number of threads. It prints reads a millisecond, of all threads together. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static bool shared;
static int steps;
static atomic_bool stop;
static atomic_ulong reads;

static void lock(void) {
    if (shared)
        pthread_rwlock_rdlock(&rwlock);
    else
        pthread_mutex_lock(&mutex);
}

static void unlock(void) {
    if (shared)
        pthread_rwlock_unlock(&rwlock);
    else
        pthread_mutex_unlock(&mutex);
}

static void *read_on(void *unused) {
    unsigned long mine = 0;
    while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
        lock();
        for (volatile int i = 0; i < steps; i++) continue; /* the section */
        unlock();
        mine++;
    }
    atomic_fetch_add(&reads, mine);
    return unused;
}

/* Reads a millisecond, in a fifth of a second. */
static double rate(bool with_rwlock, int threads) {
    enum { MS = 200 };
    pthread_t thread[64];
    shared = with_rwlock;
    atomic_store(&stop, false);
    atomic_store(&reads, 0);
    for (int i = 0; i < threads; i++) {
        if (pthread_create(&thread[i], NULL, read_on, NULL) != 0) exit(1);
    }
    usleep(MS * 1000);
    atomic_store(&stop, true);
    for (int i = 0; i < threads; i++) pthread_join(thread[i], NULL);
    return (double)atomic_load(&reads) / MS;
}

int main(int argc, char **argv) {
    int threads = argc > 1 ? atoi(argv[1]) : 2;
    if (threads < 1 || threads > 64) return 1;
    printf("%8s %12s %12s\n", "steps", "mutex", "rwlock");
    for (steps = 1; steps <= 10000; steps *= 10) {
        printf("%8d %12.0f %12.0f\n", steps, rate(false, threads), rate(true, threads));
    }
    return 0;
}
