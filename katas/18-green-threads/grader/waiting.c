/* SPDX-License-Identifier: MIT */
/* waiting.c -- very many descriptors, and a green thread that waits at each.
 *
 *   waiting  threads, workers
 *
 * Evidence: `possible`: for how many the descriptors of this process are enough; `answered`: threads that
 * got their byte; `error`: the last other answer of green_read, negated. */
#include "driver.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "evidence.h"
#include "scenario.h"

enum { SPARE = 64 };

static int (*pairs)[2];
static uint64_t possible;
static _Atomic uint64_t there, answered, error;

static void read_own(void *arg) {
    uint64_t me = (uint64_t)(uintptr_t)arg;
    unsigned char byte = 0;
    there++;
    ssize_t n = green_read(pairs[me][0], &byte, 1);
    if (n == 1 && byte == me % 251)
        answered++;
    else
        error = n < 0 ? (uint64_t)-n : 0;
}

/* With the limit as high as it can be. */
static uint64_t possible_pairs(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit)) return 0;
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit)) limit.rlim_cur = before;
    uint64_t wanted = scenario_param("threads"), most = limit.rlim_cur > SPARE ? (limit.rlim_cur - SPARE) / 2 : 0;
    return wanted < most ? wanted : most;
}

static uint64_t open_pairs(uint64_t count) {
    uint64_t opened = 0;
    while (opened < count && !socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pairs[opened])) opened++;
    return opened;
}

/* The last descriptors are answered first. */
static void first(void *arg) {
    (void)arg;
    struct green **threads = calloc(possible + 1, sizeof *threads);
    for (uint64_t i = 0; i < possible; i++) threads[i] = go(read_own, (void *)(uintptr_t)i);
    while (there < possible) green_yield();
    for (uint64_t i = possible; i-- > 0;) {
        unsigned char byte = (unsigned char)(i % 251);
        (void)!write(pairs[i][1], &byte, 1); /* there is room for one */
        if (i % 512 == 0) evidence_progress();
    }
    for (uint64_t i = 0; i < possible; i++) green_join(threads[i]);
    free(threads);
}

void waiting(uint64_t seed) {
    (void)seed;
    possible = possible_pairs();
    pairs = calloc(possible + 1, sizeof *pairs);
    possible = open_pairs(possible);
    run_green(scenario_param("workers"), first);
    evidence_count("possible", possible);
    evidence_count("answered", answered);
    evidence_count("error", error);
    free(pairs);
}
