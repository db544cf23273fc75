/* SPDX-License-Identifier: MIT */
/* peer: redis-server (a process of its own, on the same CPU)
 * package: redis-server
 * metrics: pipelined one_by_one */
#include "tiny_redis.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRIES_MAX 5000
#define TRY_US 1000

static pid_t server;

static void become_server(int port) {
    char number[8];
    snprintf(number, sizeof number, "%d", port);
    int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    execlp("redis-server", "redis-server", "--bind", "127.0.0.1", "--port", number, "--save", "", NULL);
    _exit(127);
}

static int answers_at(const struct sockaddr_in *at) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int there = connect(fd, (const struct sockaddr *)at, sizeof *at) == 0;
    close(fd);
    return there;
}

/* The caller asks this descriptor for the port: it is bound and does not listen, so that redis-server may use the same.
 */
int redis_listen(const char *ipv4, uint16_t port, int backlog) {
    (void)backlog;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t size = sizeof at;
    inet_pton(AF_INET, ipv4, &at.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || getsockname(fd, (struct sockaddr *)&at, &size) != 0)
        abort();
    server = fork();
    if (server == 0) become_server(ntohs(at.sin_port));
    for (int tries = 0; tries < TRIES_MAX && !answers_at(&at); tries++) {
        if (waitpid(server, NULL, WNOHANG) == server) {
            fprintf(stderr, "error: redis-server did not start\n");
            exit(1);
        }
        usleep(TRY_US);
    }
    return fd;
}

int redis_serve(int listen_fd, int stop_fd, int64_t (*now_ms)(void *), void *world) {
    (void)listen_fd, (void)now_ms, (void)world;
    struct pollfd stop = {.fd = stop_fd, .events = POLLIN};
    while (poll(&stop, 1, -1) < 0 && errno == EINTR) {
    }
    kill(server, SIGKILL);
    waitpid(server, NULL, 0); /* its CPU time counts as this process' */
    return 0;
}
