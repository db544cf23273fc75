/* SPDX-License-Identifier: MIT */
/* latency.c -- figures for the lesson (lab.ts): no check depends on them.
 *
 *   cost  as bench
 *
 * Evidence: bench's, and `cpu_us` and `switches`, what the kernel counted for
 * the whole process meanwhile: CPU time, and threads taking turns on a CPU.
 *
 *   latency  jobs, pause_ns, workers, capacity
 *
 * One thread submits a job and pauses, over and over: how long from the begin
 * of a submit to the begin of its job? pause_ns=0: as fast as it can.
 * Evidence: `start_ns`, an entry per job.
 *
 *   stacks  workers
 *
 * Evidence: `virtual_kib` and `resident_kib` that the process grew by when
 * pool_new had returned and each worker had run a job. 64 KiB of each thread's
 * memory are the guest's own thread-local storage (native/guest/stacks.c). */
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "evidence.h"
#include "gate.h"
#include "scenario.h"

static uint64_t microseconds(struct timeval time) {
    return (uint64_t)time.tv_sec * 1000000u + (uint64_t)time.tv_usec;
}

void cost(uint64_t seed) {
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    bench(seed);
    getrusage(RUSAGE_SELF, &after);
    evidence_count("cpu_us", microseconds(after.ru_utime) + microseconds(after.ru_stime) -
                                 microseconds(before.ru_utime) - microseconds(before.ru_stime));
    evidence_count("switches", (uint64_t)(after.ru_nvcsw + after.ru_nivcsw - before.ru_nvcsw - before.ru_nivcsw));
}

struct timed_job {
    uint64_t submitted_ns, start_ns;
};

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void note_start(void *argument) {
    struct timed_job *job = argument;
    job->start_ns = now_ns() - job->submitted_ns;
}

void latency(uint64_t seed) {
    (void)seed;
    uint64_t count = scenario_param("jobs"), pause_ns = scenario_param("pause_ns");
    struct timed_job *jobs = calloc(count, sizeof *jobs);
    struct thread_pool *pool = new_pool(scenario_param("workers"), scenario_param("capacity"));
    for (uint64_t i = 0; i < count; i++) {
        jobs[i].submitted_ns = now_ns();
        pool_submit(pool, note_start, &jobs[i]);
        if (pause_ns) nanosleep(&(struct timespec){0, (long)pause_ns}, NULL);
    }
    pool_free(pool);
    uint64_t *start_ns = calloc(count, sizeof *start_ns);
    for (uint64_t i = 0; i < count; i++) start_ns[i] = jobs[i].start_ns;
    evidence_series("start_ns", start_ns, count);
    free(start_ns), free(jobs);
}

static uint64_t status_kib(const char *label) {
    char line[128];
    uint64_t kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, label, strlen(label)) == 0) kib = strtoull(line + strlen(label), NULL, 10);
    if (file) fclose(file);
    return kib;
}

static pthread_barrier_t everybody;

static void meet(void *argument) {
    (void)argument;
    pthread_barrier_wait(&everybody);
}

void stacks(uint64_t seed) {
    (void)seed;
    uint64_t workers = scenario_param("workers");
    uint64_t virtual_kib = status_kib("VmSize:"), resident_kib = status_kib("VmRSS:");
    struct thread_pool *pool = new_pool(workers, workers);
    pthread_barrier_init(&everybody, NULL, (unsigned)workers + 1);
    for (uint64_t i = 0; i < workers; i++) pool_submit(pool, meet, NULL);
    pthread_barrier_wait(&everybody);
    evidence_count("virtual_kib", status_kib("VmSize:") - virtual_kib);
    evidence_count("resident_kib", status_kib("VmRSS:") - resident_kib);
    pool_free(pool);
}
