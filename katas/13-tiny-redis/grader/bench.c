/* SPDX-License-Identifier: MIT */
/* bench.c -- a fixed number of requests, timed from outside.
 *
 *   bench  clients, pipeline, rounds
 *   cost   the same, for the lab
 *
 * In a round each client sends `pipeline` requests, half SET and half GET, and takes the
 * answers. Evidence: `answers`, those that were right; of cost `cpu_us`, the
 * server's CPU time. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "driver.h"
#include "evidence.h"
#include "scenario.h"

#define CLIENTS_MAX 64
#define PIPELINE_MAX 64
#define KEYS 1000

struct batch {
    char asks[PIPELINE_MAX * 64], answers[PIPELINE_MAX * 16];
    size_t asks_size, answers_size;
};

static int connected(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(server_port())};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) abort();
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
    return fd;
}

/* A SET of each key comes before its GET: in the same batch, or in the one before. */
static void fill(struct batch *b, uint64_t client, uint64_t turn, uint64_t pipeline) {
    for (uint64_t i = 0; i < pipeline; i++) {
        unsigned key = (unsigned)((client * PIPELINE_MAX + i / 2) * 7919 % KEYS);
        bool get = pipeline == 1 ? turn == 1 : i % 2 == 1;
        b->asks_size += (size_t)snprintf(b->asks + b->asks_size, 64,
                                         get ? "*2\r\n$3\r\nGET\r\n$7\r\nkey:%03u\r\n"
                                             : "*3\r\n$3\r\nSET\r\n$7\r\nkey:%03u\r\n$3\r\n%03u\r\n",
                                         key, key);
        b->answers_size += (size_t)snprintf(b->answers + b->answers_size, 16, get ? "$3\r\n%03u\r\n" : "+OK\r\n", key);
    }
}

static bool right(int fd, const struct batch *b) {
    char got[sizeof b->answers];
    return recv(fd, got, b->answers_size, MSG_WAITALL) == (ssize_t)b->answers_size &&
           memcmp(got, b->answers, b->answers_size) == 0;
}

static uint64_t play(void) {
    static struct batch batches[CLIENTS_MAX][2];
    int fds[CLIENTS_MAX];
    uint64_t clients = scenario_param("clients"), pipeline = scenario_param("pipeline"), answers = 0;
    if (clients > CLIENTS_MAX || pipeline > PIPELINE_MAX) abort();
    if (server_start(1700000000000) != 0) return 0; /* a stub's, for one */
    for (uint64_t i = 0; i < clients; i++) {
        fds[i] = connected();
        fill(&batches[i][0], i, 0, pipeline), fill(&batches[i][1], i, 1, pipeline);
    }
    for (uint64_t round = 0; round < scenario_param("rounds"); round++) {
        for (uint64_t i = 0; i < clients; i++) {
            const struct batch *b = &batches[i][round % 2];
            (void)send(fds[i], b->asks, b->asks_size, MSG_NOSIGNAL); /* of what did not arrive no answer comes */
        }
        for (uint64_t i = 0; i < clients; i++) answers += right(fds[i], &batches[i][round % 2]) ? pipeline : 0;
    }
    for (uint64_t i = 0; i < clients; i++) close(fds[i]);
    (void)server_stop(); /* another check's */
    return answers;
}

void bench(uint64_t seed) {
    (void)seed; /* the same work every time */
    evidence_count("answers", play());
}

void cost(uint64_t seed) {
    (void)seed;
    evidence_count("answers", play());
    evidence_count("cpu_us", server_cpu_us());
}
