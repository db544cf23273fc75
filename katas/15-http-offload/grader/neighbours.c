/* SPDX-License-Identifier: MIT */
/* neighbours.c -- two servers of one process: one's worker is busy and its queue full, and the other is asked. */
#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "driver.h"

static const char GET[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

/* What a handler waits for, if it is to wait. */
struct gate {
    sem_t begun, open;
};

static void waits_at(const struct http_request *request, struct http_response *response, void *world) {
    struct gate *gate = world;
    (void)request, (void)response;
    if (!gate) return;
    sem_post(&gate->begun);
    while (sem_wait(&gate->open) != 0) continue;
}

static int ask(const struct door *door) {
    int fd = server_connect(door);
    send(fd, GET, sizeof GET - 1, MSG_NOSIGNAL);
    return fd;
}

/* The status of an answer that has no body; 0: there is none. */
static int status_of(int fd) {
    char head[512] = "";
    for (size_t used = 0; used + 1 < sizeof head && !strstr(head, "\r\n\r\n");) {
        ssize_t n = recv(fd, head + used, sizeof head - 1 - used, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        used += (size_t)n;
    }
    int status = 0;
    sscanf(head, "HTTP/1.1 %d", &status);
    return status;
}

/* Of two that were asked, the one that has an answer first. */
static int answered_first(const int *fds) {
    struct pollfd polled[2] = {{.fd = fds[0], .events = POLLIN}, {.fd = fds[1], .events = POLLIN}};
    while (poll(polled, 2, -1) < 0) continue;
    return polled[0].revents ? 0 : 1;
}

/* The first server gets three requests: one is with its worker, one waits, and the third is refused. */
static void fill_and_ask(const struct door *doors, struct gate *gate, int *status) {
    int first = ask(&doors[0]);
    while (sem_wait(&gate->begun) != 0) continue;
    int fds[2] = {ask(&doors[0]), ask(&doors[0])};
    int refused = answered_first(fds), neighbour = ask(&doors[1]);
    status[0] = status_of(fds[refused]), status[1] = status_of(neighbour);
    for (int i = 0; i < 3; i++) sem_post(&gate->open);
    status[2] = status_of(first), status[3] = status_of(fds[!refused]);
    close(first), close(fds[0]), close(fds[1]), close(neighbour);
}

const char *script_neighbours(void);
const char *script_neighbours(void) {
    static char told[100];
    struct gate gate;
    struct running servers[2];
    struct door doors[2];
    int status[4];
    sem_init(&gate.begun, 0, 0), sem_init(&gate.open, 0, 0);
    for (int i = 0; i < 2; i++) {
        servers[i] = (struct running){.limits = {1, 1, 4096, 4096, UINT32_MAX, UINT32_MAX}, .handler = waits_at};
        if (i == 0) servers[i].world = &gate;
        server_start(&servers[i], &doors[i], AF_UNIX);
    }
    fill_and_ask(doors, &gate, status);
    for (int i = 0; i < 2; i++) server_stop(&servers[i]);
    snprintf(told, sizeof told, "full: %d, the other server: %d, at last: %d %d", status[0], status[1], status[2],
             status[3]);
    return told;
}
