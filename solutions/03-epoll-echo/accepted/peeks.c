/* SPDX-License-Identifier: MIT */
/* peeks.c -- another right design: the socket's receive buffer is the only
 * memory. The server copies bytes without taking them out (MSG_PEEK), sends
 * them, and takes out as many as could be sent (MSG_TRUNC): owed bytes never
 * leave the kernel. */
#include "epoll_echo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOK_BYTES (32 * 1024)
#define LOOKS 8 /* of one connection; then the others get their turn */
#define RETRY_MS 50
#define WATCHED (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)

/* A connection: its descriptor, and its place in the list of all. */
struct link {
    int fd;
    struct link *next, **self;
};

struct loop {
    int epoll, listener;
    struct link *links;
    bool full;
    char look[LOOK_BYTES];
};

int echo_listen(const char *ipv4, uint16_t port, int backlog) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (!ipv4 || inet_pton(AF_INET, ipv4, &at.sin_addr) != 1) return -EINVAL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    if (fd < 0) return -errno;
    if (!setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) && !bind(fd, (struct sockaddr *)&at, sizeof at) &&
        !listen(fd, backlog))
        return fd;
    int error = errno;
    close(fd);
    return -error;
}

static int watch(struct loop *l, int op, int fd, uint32_t events, void *who) {
    return epoll_ctl(l->epoll, op, fd, &(struct epoll_event){events, {.ptr = who}});
}

static void close_link(struct link *k) {
    *k->self = k->next;
    if (k->next) k->next->self = k->self;
    close(k->fd);
    free(k);
}

static void add_link(struct loop *l, int fd) {
    struct link *k = malloc(sizeof *k);
    if (!k || watch(l, EPOLL_CTL_ADD, fd, WATCHED, k) < 0) {
        free(k);
        close(fd);
        return;
    }
    *k = (struct link){fd, l->links, &l->links};
    if (k->next) k->next->self = &k->next;
    l->links = k;
}

static void accept_all(struct loop *l) {
    for (l->full = false;;) {
        int fd = accept4(l->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            add_link(l, fd);
        else if (errno == EAGAIN)
            return;
        else if (errno != EINTR && errno != ECONNABORTED) {
            l->full = true;
            return;
        }
    }
}

/* The bytes are there, so recv has no other error than EINTR. */
static bool take_out(struct loop *l, int fd, size_t size) {
    while (size > 0) {
        ssize_t n = recv(fd, l->look, size, MSG_TRUNC);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        size -= (size_t)n;
    }
    return true;
}

/* One look, one send; 1: more may be there, 0: the kernel will tell, -1: over. */
static int pass_on(struct loop *l, int fd) {
    ssize_t n = recv(fd, l->look, LOOK_BYTES, MSG_PEEK);
    if (n < 0) return errno == EINTR ? 1 : errno == EAGAIN ? 0 : -1;
    if (n == 0) return -1;
    ssize_t sent = send(fd, l->look, (size_t)n, MSG_NOSIGNAL);
    if (sent < 0) return errno == EINTR ? 1 : errno == EAGAIN ? 0 : -1;
    return take_out(l, fd, (size_t)sent) ? 1 : -1;
}

static void turn(struct loop *l, struct link *k) {
    int more = 1;
    for (int i = 0; i < LOOKS && more > 0; i++) more = pass_on(l, k->fd);
    if (more > 0 && watch(l, EPOLL_CTL_MOD, k->fd, WATCHED, k) < 0) more = -1;
    if (more < 0) close_link(k);
}

static int serve(struct loop *l, int *stop) {
    struct epoll_event events[128];
    for (;;) {
        int n = epoll_wait(l->epoll, events, 128, l->full ? RETRY_MS : -1);
        if (n < 0 && errno != EINTR) return -errno;
        bool arrivals = l->full;
        for (int i = 0; i < n; i++) {
            void *who = events[i].data.ptr;
            if (who == stop) return 0;
            if (who == l)
                arrivals = true;
            else
                turn(l, who);
        }
        if (arrivals) accept_all(l);
    }
}

int echo_serve(int listen_fd, int stop_fd) {
    struct loop l = {.epoll = epoll_create1(EPOLL_CLOEXEC), .listener = listen_fd};
    if (l.epoll < 0) return -errno;
    bool watched = watch(&l, EPOLL_CTL_ADD, listen_fd, EPOLLIN | EPOLLET, &l) == 0 &&
                   watch(&l, EPOLL_CTL_ADD, stop_fd, EPOLLIN, &stop_fd) == 0;
    int result = watched ? serve(&l, &stop_fd) : -errno;
    while (l.links) close_link(l.links);
    close(l.epoll);
    return result;
}
