/* SPDX-License-Identifier: MIT */
/* stack.c -- a thread's stack is address space until it is touched: what 100
 * threads with stacks of 8 MiB take of memory when each uses so much of it.
 *
 *     stack KIB */
#include "rows.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#define THREADS 100
#define STACK_BYTES (8u << 20)

static pthread_barrier_t touched, looked;
static size_t used;

static void *use_stack(void *unused) {
    volatile char room[used]; /* whose address is all that matters */
    for (size_t i = 0; i < used; i += 1024) room[i] = 1;
    (void)room[0];
    pthread_barrier_wait(&touched);
    pthread_barrier_wait(&looked);
    return unused;
}

static double resident_kib(void) {
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file) give_up("/proc/self/statm");
    long pages_in_all, resident;
    if (fscanf(file, "%ld %ld", &pages_in_all, &resident) != 2) give_up("/proc/self/statm");
    fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / 1024;
}

int main(int argc, char **argv) {
    used = argc == 2 ? (size_t)atoi(argv[1]) * 1024 : 0;
    if (used == 0) return 2;
    pthread_barrier_init(&touched, NULL, THREADS + 1);
    pthread_barrier_init(&looked, NULL, THREADS + 1);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_t all[THREADS];
    double before = resident_kib();
    for (int i = 0; i < THREADS; i++) {
        if (pthread_create(&all[i], &attributes, use_stack, NULL) != 0) give_up("pthread_create");
    }
    pthread_barrier_wait(&touched);
    row("memory touched", (double)used / 1024, (resident_kib() - before) / THREADS);
    pthread_barrier_wait(&looked);
    for (int i = 0; i < THREADS; i++) pthread_join(all[i], NULL);
    row("address space", (double)used / 1024, STACK_BYTES / 1024.0);
    return 0;
}
