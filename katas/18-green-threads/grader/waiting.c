/* SPDX-License-Identifier: MIT */
/* waiting.c -- very many descriptors, and a green thread that waits at each; and what a wait costs.
 *
 *   waiting  threads, workers
 *
 *   short    sleeps of 1.9 ms on one worker, one after the other, while others wait for what does not come: a byte,
 * room, a client, a number, an end. `costs`: the steps that the library takes meanwhile
 *
 * Evidence of waiting: `possible`: for how many the descriptors of this process are enough; `answered`: threads that
 * got their byte; `error`: the last other answer of green_read, negated. */
#include "driver.h"

#include <arpa/inet.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "costs.h"
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

enum { SLEEPS = 20, SLEEP_NS = 1900000 };

static struct {
    int listener, full[2], empty[2];
    struct sockaddr_in address;
    struct chan *numbers;
    struct green *receiver;
} w;

static void wait_to_accept(void *arg) {
    (void)arg;
    int fd = green_accept(w.listener);
    if (fd >= 0) close(fd);
}

static void wait_to_write(void *arg) {
    (void)arg;
    (void)green_write(w.full[0], "x", 1);
}

static void wait_to_read(void *arg) {
    char byte;
    (void)arg;
    (void)green_read(w.empty[0], &byte, 1);
}

static void wait_to_receive(void *arg) {
    uint64_t number;
    (void)arg;
    (void)chan_receive(w.numbers, &number);
}

static void wait_to_join(void *arg) {
    (void)arg;
    green_join(w.receiver);
}

static void (*const waits[])(void *) = {wait_to_accept, wait_to_write, wait_to_read, wait_to_join};
enum { WAITS = sizeof waits / sizeof *waits };

static void open_ends(void) {
    socklen_t size = sizeof w.address;
    w.address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    w.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (bind(w.listener, (struct sockaddr *)&w.address, size) || listen(w.listener, 8) ||
        getsockname(w.listener, (struct sockaddr *)&w.address, &size) ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, w.full) ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, w.empty))
        evidence_broken_off("socket", "failed", "a listener and two pairs", "nothing of yours");
    while (write(w.full[0], "x", 1) == 1) continue;
}

/* What each waits for. */
static void end_waits(void) {
    char bytes[4096];
    int client = socket(AF_INET, SOCK_STREAM, 0);
    (void)!connect(client, (struct sockaddr *)&w.address, sizeof w.address); /* there is room in the queue */
    while (read(w.full[1], bytes, sizeof bytes) > 0) continue;
    (void)!write(w.empty[1], "x", 1);
    chan_close(w.numbers);
    close(client);
}

/* One worker: its thread takes all steps. */
static void first_of_short(void *arg) {
    struct green *threads[WAITS];
    (void)arg;
    open_ends();
    w.numbers = new_channel(1);
    w.receiver = go(wait_to_receive, NULL);
    for (int i = 0; i < WAITS; i++) threads[i] = go(waits[i], NULL);
    green_sleep(SLEEP_NS);
    cost_begin(0, 1, SLEEPS, 0);
    for (int i = 0; i < SLEEPS; i++) green_sleep(SLEEP_NS);
    cost_end();
    end_waits();
    for (int i = 0; i < WAITS; i++) green_join(threads[i]);
    chan_free(w.numbers);
}

void short_sleeps(uint64_t seed) {
    (void)seed;
    run_green(1, first_of_short);
    costs_report();
}
