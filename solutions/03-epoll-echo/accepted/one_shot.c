/* SPDX-License-Identifier: MIT */
/* one_shot.c -- another right design: blocking descriptors that are never
 * waited on (MSG_DONTWAIT), and watches that report once (EPOLLONESHOT). After
 * each event the server asks for the next one: to read or to write, never both.
 *
 * EPOLL_CTL_MOD looks at the socket's present state, so the server need not read
 * until EAGAIN; a message costs three calls and an epoll_ctl. */
#include "epoll_echo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROOM 8192

struct link {
    int fd;
    size_t from, to;
    struct link *next, **self;
    char bytes[ROOM];
};

int echo_listen(const char *ipv4, uint16_t port, int backlog) {
    struct in_addr ip;
    if (!ipv4 || inet_pton(AF_INET, ipv4, &ip) <= 0) return -EINVAL;
    const struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = ip};
    const int yes = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP), error = 0;
    if (fd < 0) return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes)) error = errno;
    if (!error && bind(fd, (const void *)&at, sizeof at)) error = errno;
    if (!error && listen(fd, backlog)) error = errno;
    if (error) close(fd);
    return error ? -error : fd;
}

static int ask(int epoll, int op, struct link *l) {
    uint32_t what = l->to > l->from ? EPOLLOUT : EPOLLIN;
    struct epoll_event e = {what | EPOLLET | EPOLLONESHOT, {.ptr = l}};
    return epoll_ctl(epoll, op, l->fd, &e);
}

static void end(struct link *l) {
    *l->self = l->next;
    if (l->next) l->next->self = l->self;
    close(l->fd);
    free(l);
}

static void begin(int epoll, struct link **first, int fd) {
    struct link *l = malloc(sizeof *l);
    if (!l) {
        close(fd);
        return;
    }
    l->fd = fd, l->from = l->to = 0, l->next = *first, l->self = first;
    if (l->next) l->next->self = &l->next;
    *first = l;
    if (ask(epoll, EPOLL_CTL_ADD, l)) end(l);
}

/* One read, one write; < 0 when the connection is over. EAGAIN means that the
 * event was about something else. */
static int serve_link(struct link *l) {
    if (l->to == l->from) {
        ssize_t n = recv(l->fd, l->bytes, ROOM, MSG_DONTWAIT);
        if (n == 0) return -1;
        if (n < 0) return errno == EAGAIN || errno == EINTR ? 0 : -1;
        l->from = 0, l->to = (size_t)n;
    }
    ssize_t n = send(l->fd, l->bytes + l->from, l->to - l->from, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0) return errno == EAGAIN || errno == EINTR ? 0 : -1;
    l->from += (size_t)n;
    return 0;
}

/* True: accept failed, and has to be tried again later. */
static bool take_all(int epoll, int listen_fd, struct link **first) {
    for (;;) {
        int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            begin(epoll, first, fd);
        else if (errno == EAGAIN)
            return false;
        else if (errno != EINTR && errno != ECONNABORTED)
            return true;
    }
}

static int loop(int epoll, int listen_fd, char *stop, struct link **first) {
    struct epoll_event events[100];
    for (bool full = false;;) {
        int n = epoll_wait(epoll, events, 100, full ? 20 : -1);
        if (n < 0 && errno != EINTR) return -errno;
        bool look = full;
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr == stop) return 0;
            if (!events[i].data.ptr) {
                look = true;
                continue;
            }
            struct link *l = events[i].data.ptr;
            if (serve_link(l) < 0 || ask(epoll, EPOLL_CTL_MOD, l) < 0) end(l);
        }
        if (look) full = take_all(epoll, listen_fd, first);
    }
}

int echo_serve(int listen_fd, int stop_fd) {
    char stop;
    struct link *first = NULL;
    int epoll = epoll_create1(EPOLL_CLOEXEC), result;
    if (epoll < 0) return -errno;
    struct epoll_event arrivals = {EPOLLIN | EPOLLET | EPOLLEXCLUSIVE, {.ptr = NULL}}, halt = {EPOLLIN, {.ptr = &stop}};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, listen_fd, &arrivals) || epoll_ctl(epoll, EPOLL_CTL_ADD, stop_fd, &halt))
        result = -errno;
    else
        result = loop(epoll, listen_fd, &stop, &first);
    while (first) end(first);
    close(epoll);
    return result;
}
