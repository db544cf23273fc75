/* SPDX-License-Identifier: MIT */
/* threads.c -- what threads cost that do nothing but exist: address space,
 * memory that was touched, the kernel's own memory for them, and the time to
 * start and join one. The counts are the arguments. */
#include "rows.h"

#include <pthread.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int waiting;
static int released;

static void *wait_for_release(void *unused) {
    pthread_mutex_lock(&lock);
    waiting++;
    pthread_cond_broadcast(&changed);
    while (!released) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    return unused;
}

/* The number behind `name` in a file of /proc, in KiB; 0 if it has none. */
static double kib_of(const char *path, const char *name) {
    FILE *file = fopen(path, "r");
    if (!file) give_up(path);
    char line[256];
    double kib = 0;
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, name, strlen(name)) == 0) kib = strtod(line + strlen(name), NULL);
    }
    fclose(file);
    return kib;
}

struct memory {
    double virtual_kib, resident_kib, stacks_kib;
};

/* Page tables belong to the process, kernel stacks to the machine: only what
 * is added by our threads is told. */
static struct memory memory_now(void) {
    return (struct memory){
        .virtual_kib = kib_of("/proc/self/status", "VmSize:"),
        .resident_kib = kib_of("/proc/self/status", "VmRSS:"),
        .stacks_kib = kib_of("/proc/meminfo", "KernelStack:") + kib_of("/proc/self/status", "VmPTE:"),
    };
}

static void await_all(int threads) {
    pthread_mutex_lock(&lock);
    while (waiting < threads) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static void release_all(const pthread_t *all, int threads) {
    pthread_mutex_lock(&lock);
    released = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < threads; i++) pthread_join(all[i], NULL);
}

static void measure(int threads) {
    waiting = released = 0;
    pthread_t *all = calloc((size_t)threads, sizeof *all);
    if (!all) give_up("calloc");
    struct memory before = memory_now();
    uint64_t start = now_ns();
    for (int i = 0; i < threads; i++) {
        if (pthread_create(&all[i], NULL, wait_for_release, NULL) != 0) give_up("pthread_create");
    }
    await_all(threads);
    uint64_t started = now_ns();
    struct memory with = memory_now();
    uint64_t ending = now_ns();
    release_all(all, threads);
    free(all);
    row("address space", threads, (with.virtual_kib - before.virtual_kib) / 1024);
    row("memory touched", threads, (with.resident_kib - before.resident_kib) / 1024);
    row("kernel: stacks and page tables", threads, (with.stacks_kib - before.stacks_kib) / 1024);
    row("start and join", threads, (double)(started - start + now_ns() - ending) / threads / 1000);
}

/* Each count in a process of its own: a C library keeps the stacks of threads
 * that have ended, and the next ones would find them ready. */
int main(int argc, char **argv) {
    if (argc != 2) return 2;
    measure(atoi(argv[1]));
    return 0;
}
