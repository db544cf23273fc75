/* SPDX-License-Identifier: MIT */
/* loopback.c -- listeners, and backends that send back what they get, each a process of its own. */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver.h"

enum { QUEUE = 4096, CHUNK = 64 * 1024, EVENTS = 64 };

int listener_new(struct sockaddr_in *address, int flags) {
    *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)address, sizeof *address) < 0 || listen(fd, QUEUE) < 0) abort();
    if (getsockname(fd, (struct sockaddr *)address, &(socklen_t){sizeof *address}) < 0) abort();
    return fd;
}

pid_t process_new(void) {
    pid_t pid = fork();
    if (pid < 0) abort();
    if (pid == 0) prctl(PR_SET_PDEATHSIG, SIGKILL);
    return pid;
}

void process_end(pid_t pid) {
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
}

/* False: it has ended, or failed. */
static bool send_back(int fd) {
    static char bytes[CHUNK];
    ssize_t size = recv(fd, bytes, sizeof bytes, 0);
    for (ssize_t sent = 0, n; sent < size; sent += n)
        if ((n = send(fd, bytes + sent, (size_t)(size - sent), MSG_NOSIGNAL)) <= 0) return false;
    return size > 0;
}

static _Noreturn void send_all_back(int listener) {
    struct epoll_event events[EVENTS], watch = {.events = EPOLLIN, .data.fd = listener};
    int epoll = epoll_create1(0);
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &watch) < 0) _exit(1);
    for (;;) {
        int n = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                watch.data.fd = accept(listener, NULL, NULL);
                if (epoll_ctl(epoll, EPOLL_CTL_ADD, watch.data.fd, &watch) < 0) _exit(1);
            } else if (!send_back(fd)) {
                close(fd);
            }
        }
    }
}

pid_t echo_backend_new(struct sockaddr_in *address) {
    int listener = listener_new(address, 0);
    pid_t pid = process_new();
    if (pid == 0) send_all_back(listener);
    close(listener);
    return pid;
}
