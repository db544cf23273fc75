/* SPDX-License-Identifier: MIT */
/* real.c -- the clients on loopback sockets: `real FIRST COUNT SETTLE_US`.
 * Loopback delivers before send() returns, as a rule; clients_settle() waits
 * for what it has not. */
#include "script.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

FILE *transcript;

static struct sockaddr_in address;
static int fds[CLIENTS];

static struct {
    struct sockaddr_in address[BACKENDS];
    int fd[BACKENDS];
    int filler[2]; /* connections that fill the silent one's queue: what comes later is not answered */
    int connects;
} backends = {.fd = {-1, -1, -1}, .filler = {-1, -1}};

static long settle_us = 200;

/* Whoever has connected to the backend that answers. */
static void take_connection(void) {
    int fd = backends.fd[ANSWERS] < 0 ? -1 : accept4(backends.fd[ANSWERS], NULL, NULL, 0);
    if (fd < 0) return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    fds[backends.connects] = fd;
}

/* An acknowledgement may be put off for 40 ms and more, and until it comes the
 * server's side has something to tell; TCP_QUICKACK sends it (tcp(7)). */
void clients_settle(void) {
    for (int i = 0; i < CLIENTS; i++)
        if (fds[i] >= 0) setsockopt(fds[i], IPPROTO_TCP, TCP_QUICKACK, &(int){1}, sizeof(int));
    nanosleep(&(struct timespec){0, settle_us * 1000}, NULL);
    take_connection();
}

static int listen_on(struct sockaddr_in *at, int backlog) {
    socklen_t size = sizeof *at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    *at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd < 0 || bind(fd, (struct sockaddr *)at, size) < 0) abort();
    if (backlog >= 0 && listen(fd, backlog) < 0) abort();
    getsockname(fd, (struct sockaddr *)at, &size);
    return fd;
}

/* Who has a port and does not listen, refuses. */
void backends_open(void) {
    static const int backlogs[BACKENDS] = {8, -1, 0};
    for (int i = 0; i < BACKENDS; i++) backends.fd[i] = listen_on(&backends.address[i], backlogs[i]);
    for (int i = 0; i < 2; i++) {
        backends.filler[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(backends.filler[i], (struct sockaddr *)&backends.address[SILENT], sizeof *backends.address);
    }
    for (int i = 0; i < CLIENTS; i++) fds[i] = -1;
}

uint16_t backend_port(int client, enum backend backend) {
    backends.connects = client;
    return backends.address[backend].sin_port;
}

static void close_backends(void) {
    for (int i = 0; i < BACKENDS; i++)
        if (backends.fd[i] >= 0) close(backends.fd[i]), backends.fd[i] = -1;
    for (int i = 0; i < 2; i++)
        if (backends.filler[i] >= 0) close(backends.filler[i]), backends.filler[i] = -1;
}

void clients_open(int listen_fd) {
    socklen_t size = sizeof address;
    getsockname(listen_fd, (struct sockaddr *)&address, &size);
    for (int i = 0; i < CLIENTS; i++) fds[i] = -1;
}

void client_connect(int client) {
    fds[client] = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fds[client], (struct sockaddr *)&address, sizeof address) < 0) abort();
    setsockopt(fds[client], IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
}

void client_send(int client, int size) {
    static char bytes[64];
    (void)!send(fds[client], bytes, (size_t)size, MSG_NOSIGNAL);
}

/* Until nothing has come for a moment: what the server's kernel still holds
 * follows as room is made. */
void client_receive(int client) {
    static char bytes[1 << 20];
    for (int quiet = 0; quiet < 5;) {
        ssize_t n = recv(fds[client], bytes, sizeof bytes, MSG_DONTWAIT);
        if (n == 0) break;
        quiet = n > 0 ? 0 : quiet + 1;
        clients_settle();
    }
}

const char *client_end(int client) {
    static char bytes[1 << 20];
    for (int quiet = 0; quiet < 5; clients_settle()) {
        ssize_t n = recv(fds[client], bytes, sizeof bytes, MSG_DONTWAIT);
        if (n == 0) return "the end";
        if (n < 0 && errno != EAGAIN) return errno == ECONNRESET ? "a reset" : strerrorname_np(errno);
        quiet = n > 0 ? 0 : quiet + 1;
    }
    return "nothing";
}

void client_half_close(int client) {
    shutdown(fds[client], SHUT_WR);
}

void client_reset(int client) {
    struct linger now = {1, 0};
    setsockopt(fds[client], SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fds[client]);
    fds[client] = -1;
}

void clients_close(void) {
    for (int i = 0; i < CLIENTS; i++)
        if (fds[i] >= 0) client_reset(i);
    close_backends();
}

int main(int argc, char **argv) {
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1, count = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    if (argc > 3) settle_us = strtol(argv[3], NULL, 10);
    transcript = stdout;
    for (uint64_t seed = first; seed < first + count; seed++) script_play(seed, SCRIPT_STEPS);
    return 0;
}
