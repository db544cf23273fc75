/* SPDX-License-Identifier: MIT */
/* observe.c -- observe.h by way of /proc and the process's CPU clock. */
#include "observe.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The number after `label` in a status file, 0 if there is none. */
static uint64_t field(const char *text, const char *label) {
    const char *at = strstr(text, label);
    return at ? strtoull(at + strlen(label), NULL, 10) : 0;
}

static bool read_text(const char *path, char *text, size_t size) {
    FILE *file = fopen(path, "re");
    if (!file) return false;
    size_t length = fread(text, 1, size - 1, file);
    text[length] = '\0';
    fclose(file);
    return length > 0;
}

/* Calls `see` with the text of `name` of each thread, until it answers false. */
static void each_thread(pid_t pid, const char *name, bool (*see)(const char *, void *), void *context) {
    char path[128], text[4096];
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *threads = opendir(path);
    if (!threads) return;
    for (struct dirent *entry; (entry = readdir(threads));) {
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "/proc/%d/task/%.16s/%s", (int)pid, entry->d_name, name);
        if (read_text(path, text, sizeof text) && !see(text, context)) break;
    }
    closedir(threads);
}

static bool add_switches(const char *status, void *context) {
    struct observed *seen = context;
    seen->threads++;
    seen->switches += field(status, "\nvoluntary_ctxt_switches:") + field(status, "nonvoluntary_ctxt_switches:");
    return true;
}

struct observed observe(pid_t pid) {
    struct observed seen = {0};
    char path[64], text[4096];
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &used) == 0)
        seen.cpu_ns = (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    if (read_text(path, text, sizeof text)) seen.resident_bytes = 1024 * field(text, "RssAnon:");
    each_thread(pid, "status", add_switches, &seen);
    return seen;
}

struct states {
    char wanted;
    bool all;
};

static bool is_wanted(const char *stat, void *context) {
    const char *name_end = strrchr(stat, ')');
    struct states *states = context;
    states->all = name_end && name_end[1] == ' ' && name_end[2] == states->wanted;
    return states->all;
}

static bool all_threads_are(char wanted, pid_t pid) {
    struct states states = {wanted, false};
    each_thread(pid, "stat", is_wanted, &states);
    return states.all;
}

bool observe_asleep(pid_t pid) {
    return all_threads_are('S', pid);
}

bool observe_stopped(pid_t pid) {
    return all_threads_are('T', pid);
}
