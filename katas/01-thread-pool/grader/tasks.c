/* SPDX-License-Identifier: MIT */
/* tasks.c -- what the kernel says of the process's threads: proc(5). Counts,
 * which a busy machine does not change. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

struct tasks tasks_all(void) {
    struct tasks tasks = {.count = 0};
    DIR *folder = opendir("/proc/self/task");
    for (struct dirent *entry; folder && (entry = readdir(folder)) && tasks.count < MAX_TASKS;)
        if (entry->d_name[0] != '.') tasks.ids[tasks.count++] = atoi(entry->d_name);
    if (folder) closedir(folder);
    return tasks;
}

static int is_among(const struct tasks *tasks, int id) {
    for (int i = 0; i < tasks->count; i++)
        if (tasks->ids[i] == id) return 1;
    return 0;
}

struct tasks tasks_besides(const struct tasks *others) {
    struct tasks all = tasks_all(), rest = {.count = 0};
    for (int i = 0; i < all.count; i++)
        if (!is_among(others, all.ids[i])) rest.ids[rest.count++] = all.ids[i];
    return rest;
}

/* The text of one file of a thread; empty when the thread has ended. */
static const char *text_of(int id, const char *name, char *text, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/%s", id, name);
    FILE *file = fopen(path, "r");
    size_t length = file ? fread(text, 1, size - 1, file) : 0;
    if (file) fclose(file);
    text[length] = '\0';
    return text;
}

static uint64_t number_after(const char *text, const char *label) {
    const char *at = strstr(text, label);
    return at ? strtoull(at + strlen(label), NULL, 10) : 0;
}

struct task_use tasks_use(const struct tasks *tasks) {
    struct task_use use = {0};
    char text[4096];
    for (int i = 0; i < tasks->count; i++) {
        text_of(tasks->ids[i], "status", text, sizeof text);
        use.switches += number_after(text, "\nvoluntary_ctxt_switches:");
        use.awake += strstr(text, "\nState:\tR") != NULL;
        /* Its first number: nanoseconds on a CPU. */
        use.cpu_ns += strtoull(text_of(tasks->ids[i], "schedstat", text, sizeof text), NULL, 10);
    }
    return use;
}
