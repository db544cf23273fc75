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

static long settle_us = 200;

/* An acknowledgement may be put off for 40 ms and more, and until it comes the
 * server's side has something to tell; TCP_QUICKACK sends it (tcp(7)). */
void clients_settle(void) {
    for (int i = 0; i < CLIENTS; i++)
        if (fds[i] >= 0) setsockopt(fds[i], IPPROTO_TCP, TCP_QUICKACK, &(int){1}, sizeof(int));
    nanosleep(&(struct timespec){0, settle_us * 1000}, NULL);
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
}

int main(int argc, char **argv) {
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1, count = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    if (argc > 3) settle_us = strtol(argv[3], NULL, 10);
    transcript = stdout;
    for (uint64_t seed = first; seed < first + count; seed++) script_play(seed, SCRIPT_STEPS);
    return 0;
}
