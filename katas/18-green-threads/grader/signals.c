/* SPDX-License-Identifier: MIT */
/* signals.c -- a handler interrupts the workers in their sleep, while green threads are in every wait there is.
 *
 *   signals  workers
 *
 * A thread of the kernel's beside them sends the signals, to all threads that green_run has started and to its
 * caller's. A green thread sleeps 2 ms, again and again, meanwhile.
 *
 * Evidence: `interrupted`, signals to a worker that slept in the kernel; `slept` and `early`, sleeps, and those of
 * less than 2 ms; and what waits_report() has. */
#include "driver.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "evidence.h"
#include "scenario.h"

enum { INTERRUPTIONS = 100, ROUNDS_MAX = 10000, TASKS_MAX = 64, LONGER_NS = 2000000, PAUSE_NS = 200000 };

static struct {
    pid_t strangers[TASKS_MAX]; /* threads that were there before, and are no workers */
    int stranger_count, enough[2];
    uint64_t interrupted;
    _Atomic uint64_t slept, early;
    _Atomic bool over;
} s;

static void nothing(int signal) {
    (void)signal;
}

static pid_t this_thread(void) {
    return (pid_t)syscall(SYS_gettid);
}

static bool is_stranger(pid_t task) {
    for (int i = 0; i < s.stranger_count; i++)
        if (s.strangers[i] == task) return true;
    return false;
}

static void add_stranger(pid_t task) {
    if (s.stranger_count < TASKS_MAX) s.strangers[s.stranger_count++] = task;
}

static void each_task(void (*do_it)(pid_t)) {
    DIR *folder = opendir("/proc/self/task");
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (entry->d_name[0] != '.') do_it((pid_t)atoi(entry->d_name));
    if (folder) closedir(folder);
}

/* Does it sleep in the kernel, where a signal interrupts it? */
static bool is_asleep(pid_t task) {
    char path[64], state = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)task);
    FILE *file = fopen(path, "r");
    if (file && fscanf(file, "%*d (%*[^)]) %c", &state) != 1) state = 0;
    if (file) fclose(file);
    return state == 'S';
}

static void interrupt(pid_t task) {
    if (is_stranger(task)) return;
    bool asleep = is_asleep(task);
    if (syscall(SYS_tgkill, getpid(), task, SIGUSR1) == 0 && asleep) s.interrupted++;
}

/* A thread of the kernel's beside the workers. */
static void *interrupt_all(void *unused) {
    struct timespec pause = {0, PAUSE_NS};
    for (int i = 0; i < ROUNDS_MAX && s.interrupted < INTERRUPTIONS; i++) {
        if (waits_begun()) each_task(interrupt);
        nanosleep(&pause, NULL);
        evidence_progress();
    }
    (void)!write(s.enough[1], "x", 1);
    return unused;
}

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void keep_sleeping(void *arg) {
    (void)arg;
    for (; !s.over; s.slept++) {
        uint64_t begun = now_ns();
        green_sleep(LONGER_NS);
        if (now_ns() - begun < LONGER_NS) s.early++;
    }
}

static void first_of_signals(void *arg) {
    char byte;
    (void)arg;
    begin_waits();
    struct green *sleeper = go(keep_sleeping, NULL);
    (void)green_read(s.enough[0], &byte, 1);
    s.over = true;
    end_waits();
    green_join(sleeper);
}

void signals(uint64_t seed) {
    (void)seed;
    pthread_t outside;
    struct sigaction action = {.sa_handler = nothing}; /* no SA_RESTART */
    if (sigaction(SIGUSR1, &action, NULL) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s.enough))
        evidence_broken_off("socketpair", "failed", "two sockets", "nothing of yours");
    pthread_create(&outside, NULL, interrupt_all, NULL);
    each_task(add_stranger);
    for (int i = 0; i < s.stranger_count; i++)
        if (s.strangers[i] == this_thread()) s.strangers[i] = 0; /* it becomes a worker */
    run_green(scenario_param("workers"), first_of_signals);
    pthread_join(outside, NULL);
    evidence_count("interrupted", s.interrupted);
    evidence_count("slept", s.slept);
    evidence_count("early", s.early);
    waits_report();
}
