/* SPDX-License-Identifier: MIT */
/* bench.c -- a fixed number of requests, timed from outside, and latency for the lab.
 *
 *   bench    clients, rounds, us (of CPU time in each handler)
 *   latency  workers, expensive (connections), expensive_ms, cheap (requests, one after the other)
 *
 * Evidence: `right` answers; of latency `cheap_us`, each cheap request's, and `expensive`, how many of those were
 * answered. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "driver.h"
#include "evidence.h"
#include "graders_own.h"
#include "load.h"
#include "scenario.h"

enum { CLIENTS_MAX = 1024, CHEAP_MAX = 4096 };

static GRADERS_OWN _Atomic uint64_t begun;

static void start(struct running *server, struct door *door, size_t workers) {
    *server = (struct running){.limits = {workers, 4096, 4096, 4096, 600000, 600000}, .handler = say, .world = &begun};
    server_start(server, door, AF_INET);
}

void bench(uint64_t seed) {
    static int fds[CLIENTS_MAX];
    uint64_t clients = scenario_param("clients"), right = 0;
    struct running server;
    struct door door;
    (void)seed;
    start(&server, &door, 4);
    for (uint64_t i = 0; i < clients; i++) fds[i] = server_connect(&door);
    for (uint64_t round = scenario_param("rounds"); round > 0; round--) {
        for (uint64_t i = 0; i < clients; i++) ask(fds[i], (unsigned)scenario_param("us"), 1);
        for (uint64_t i = 0; i < clients; i++) right += hear(fds[i], 1);
    }
    for (uint64_t i = 0; i < clients; i++) close(fds[i]);
    server_stop(&server);
    evidence_count("right", right);
}

static uint64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static struct expensive {
    struct door *door;
    _Atomic int over;
    _Atomic uint64_t answered;
} load;

static void *keep_asking(void *nothing) {
    int fd = server_connect(load.door);
    (void)nothing;
    while (!load.over) {
        ask(fd, (unsigned)scenario_param("expensive_ms") * 1000, 1);
        load.answered += hear(fd, 1);
    }
    close(fd);
    return NULL;
}

void latency(uint64_t seed) {
    static uint64_t cheap_us[CHEAP_MAX];
    uint64_t busy = scenario_param("expensive"), cheap = scenario_param("cheap");
    struct running server;
    struct door door;
    pthread_t threads[64];
    (void)seed;
    start(&server, &door, scenario_param("workers"));
    load.door = &door;
    for (uint64_t i = 0; i < busy && i < 64; i++)
        if (pthread_create(&threads[i], NULL, keep_asking, NULL) != 0) abort();
    int fd = server_connect(&door);
    for (uint64_t i = 0; i < cheap && i < CHEAP_MAX; i++) {
        uint64_t began = now_us();
        ask(fd, 0, 1);
        hear(fd, 1);
        cheap_us[i] = now_us() - began;
    }
    close(fd);
    load.over = 1;
    for (uint64_t i = 0; i < busy && i < 64; i++) pthread_join(threads[i], NULL);
    server_stop(&server);
    evidence_series("cheap_us", cheap_us, cheap < CHEAP_MAX ? cheap : CHEAP_MAX);
    evidence_count("expensive", load.answered);
}
