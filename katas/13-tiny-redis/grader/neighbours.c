/* SPDX-License-Identifier: MIT */
/* neighbours.c -- two servers in one process at the same time, each with a client that uses the same names of keys.
 *
 *   neighbours  rounds
 *
 * Evidence: `right` answers; `served` (how many of the two answered 0 at their stop). */
#include <errno.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crew.h"
#include "driver.h"
#include "evidence.h"
#include "scenario.h"
#include "service.h"

enum { SERVERS = 2 };

static struct service servers[SERVERS];
static _Atomic uint64_t right;

static int64_t standing_still(void *world) {
    (void)world;
    return 1700000000000;
}

static int serve(int listener, int stop_fd, void *world) {
    return redis_serve(listener, stop_fd, standing_still, world);
}

static void begin(struct service *s) {
    *s = (struct service){.listener = redis_listen("127.0.0.1", 0, 16), .serve = serve};
    if (s->listener < 0)
        evidence_broken_off("redis_listen", "refused a port of the loopback", "a listener", "redis_listen");
    service_start(s);
}

static int connected(const struct service *s) {
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || getsockname(s->listener, (struct sockaddr *)&address, &size) != 0) abort();
    (void)connect(fd, (struct sockaddr *)&address, size); /* a refusal shows at the first answer */
    return fd;
}

/* Asks, and takes as many bytes as are due. */
static bool answers(int fd, const char *asked, const char *due) {
    char got[128];
    size_t size = strlen(due), have = 0;
    if (send(fd, asked, strlen(asked), MSG_NOSIGNAL) < 0) return false;
    while (have < size) {
        ssize_t n = recv(fd, got + have, size - have, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        have += (size_t)n;
    }
    return memcmp(got, due, size) == 0;
}

/* A key of its own server's, and one that only the other one has. */
static void client(uint64_t number) {
    char asked[128], due[64];
    int fd = connected(&servers[number]);
    for (uint64_t round = 0; round < scenario_param("rounds"); round++) {
        unsigned long value = (unsigned long)(1000 + round * SERVERS + number);
        snprintf(asked, sizeof asked, "SET k:%lu %lu\r\nGET k:%lu\r\nDBSIZE\r\n", (unsigned long)round, value,
                 (unsigned long)round);
        snprintf(due, sizeof due, "+OK\r\n$%d\r\n%lu\r\n:%lu\r\n", value < 10000 ? 4 : 5, value,
                 (unsigned long)round + 1);
        if (answers(fd, asked, due)) atomic_fetch_add(&right, 1);
        evidence_progress();
    }
    close(fd);
}

void neighbours(uint64_t seed) {
    (void)seed; /* the same work every time */
    for (int i = 0; i < SERVERS; i++) begin(&servers[i]);
    crew_join(crew_start(SERVERS, client));
    uint64_t served = 0;
    for (int i = 0; i < SERVERS; i++) served += service_stop(&servers[i]) == 0;
    evidence_count("right", right);
    evidence_count("served", served);
}
