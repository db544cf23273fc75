/* SPDX-License-Identifier: MIT */
/* scenarios.c -- the list of scenarios, and what they share. */
#include "driver.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "evidence.h"
#include "scenario.h"

const struct scenario scenarios[] = {
    {"basics", basics},       {"many", many},           {"stacks", stacks}, {"turns", turns}, {"starving", starving},
    {"crowd", crowd},         {"leftovers", leftovers}, {"bench", bench},   {"most", most},   {"waiting", waiting},
    {"registers", registers}, {"short", short_sleeps},  {"again", again},   {"held", held},   {"hands", hands},
    {"signals", signals},     {"left_out", left_out},   {NULL, NULL},
};

void run_green(size_t workers, void (*first)(void *)) {
    char did[64];
    int answer = green_run(workers, first, NULL);
    snprintf(did, sizeof did, "answered %d, with all that it needs to be had", answer);
    if (answer != 0) evidence_broken_off("green_run", did, "0", "green_run: who runs the first thread?");
}

struct green *go(void (*run)(void *), void *arg) {
    struct green *thread = green_go(run, arg);
    if (!thread) evidence_broken_off("green_go", "answered NULL, with memory to be had", "a green thread", "green_go");
    return thread;
}

struct chan *new_channel(size_t capacity) {
    struct chan *c = chan_new(capacity);
    if (!c) evidence_broken_off("chan_new", "answered NULL, with memory to be had", "a channel", "chan_new");
    return c;
}

void go_all(uint64_t count, void (*run)(void *)) {
    struct green **threads = calloc(count, sizeof *threads);
    for (uint64_t i = 0; i < count; i++) threads[i] = go(run, (void *)(uintptr_t)i);
    for (uint64_t i = 0; i < count; i++) green_join(threads[i]);
    free(threads);
}

/* The number behind `name` in a file of /proc; 0 where it is not told. */
static uint64_t told(const char *path, const char *name) {
    char line[256], format[64];
    unsigned long long value = 0;
    FILE *file = fopen(path, "r");
    snprintf(format, sizeof format, "%s: %%llu", name);
    while (file && fgets(line, sizeof line, file) && sscanf(line, format, &value) != 1) continue;
    if (file) fclose(file);
    return value;
}

uint64_t resident_bytes(void) {
    return told("/proc/self/smaps_rollup", "Rss") * 1024;
}

uint64_t mapped_bytes(void) {
    return told("/proc/self/status", "VmSize") * 1024;
}

uint64_t kernel_threads(void) {
    return told("/proc/self/status", "Threads");
}

uint64_t kernel_bytes(void) {
    return (told("/proc/meminfo", "KernelStack") + told("/proc/self/status", "VmPTE")) * 1024;
}

uint64_t descriptors(void) {
    uint64_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder && readdir(folder)) count++;
    if (folder) closedir(folder);
    return count;
}

bool is_readable(uintptr_t address) {
    static int tube[2] = {-1, -1};
    char byte;
    if (tube[0] < 0 && pipe(tube)) evidence_broken_off("pipe", "failed", "a pipe", "nothing of yours");
    return write(tube[1], (const void *)address, 1) == 1 && read(tube[0], &byte, 1) == 1;
}
