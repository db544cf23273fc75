/* SPDX-License-Identifier: MIT */
/* own_queue.c -- another right design: events only put connections into a queue
 * of the server's own, in which those that have used up their turn wait as
 * well; no watch is ever changed. Only a turn closes a connection, and takes it
 * out of the queue before. */
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

enum { BATCH = 64, TURN_READS = 16, CHUNK_BYTES = 8192, RETRY_MS = 50 };

struct conn {
    struct conn *next, *previous; /* of all */
    struct conn *next_waiting;
    int fd;
    bool waiting;
    char *owed; /* NULL: no bytes are owed */
    size_t owed_from, owed_to;
};

struct server {
    int epoll_fd, listen_fd;
    bool accept_failed; /* no event will tell when it can go on */
    struct conn all;    /* head of a list; no connection itself */
    struct conn *waiting, **waiting_end;
    char chunk[CHUNK_BYTES];
};

int echo_listen(const char *ipv4, uint16_t port, int backlog) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (!ipv4 || inet_pton(AF_INET, ipv4, &at.sin_addr) != 1) return -EINVAL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) < 0 ||
        bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, backlog) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

/* Puts it at the end of the queue, unless it is there. */
static void let_wait(struct server *s, struct conn *c) {
    if (c->waiting) return;
    c->waiting = true, c->next_waiting = NULL;
    *s->waiting_end = c, s->waiting_end = &c->next_waiting;
}

static void close_conn(struct conn *c) {
    close(c->fd);
    c->previous->next = c->next;
    if (c->next) c->next->previous = c->previous;
    free(c->owed);
    free(c);
}

static ssize_t send_some(int fd, const char *bytes, size_t size) {
    for (;;) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent >= 0) return sent;
        if (errno == EAGAIN) return 0;
        if (errno != EINTR) return -1;
    }
}

/* 1: nothing is owed any more; 0: the client does not take it yet; -1: over. */
static int send_owed(struct conn *c) {
    while (c->owed) {
        ssize_t sent = send_some(c->fd, c->owed + c->owed_from, c->owed_to - c->owed_from);
        if (sent <= 0) return (int)sent;
        c->owed_from += (size_t)sent;
        if (c->owed_from < c->owed_to) continue;
        free(c->owed);
        c->owed = NULL;
    }
    return 1;
}

static bool keep(struct conn *c, const char *bytes, size_t size) {
    if (!(c->owed = malloc(size))) return false;
    memcpy(c->owed, bytes, size);
    c->owed_from = 0, c->owed_to = size;
    return true;
}

/* To EAGAIN, either way; after so many reads the others come first. */
static void take_turn(struct server *s, struct conn *c) {
    for (int reads = 0; reads < TURN_READS; reads++) {
        int open = send_owed(c);
        if (open == 0) return;
        ssize_t n = open < 0 ? 0 : recv(c->fd, s->chunk, CHUNK_BYTES, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) return;
        ssize_t sent = n > 0 ? send_some(c->fd, s->chunk, (size_t)n) : -1;
        if (sent < 0 || (sent < n && !keep(c, s->chunk + sent, (size_t)(n - sent)))) {
            close_conn(c);
            return;
        }
    }
    let_wait(s, c);
}

static int watch(struct server *s, int fd, uint32_t events, void *whose) {
    struct epoll_event event = {.events = events, .data.ptr = whose};
    return epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void add_conn(struct server *s, int fd) {
    struct conn *c = calloc(1, sizeof *c);
    if (!c || watch(s, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, c) < 0) {
        free(c);
        close(fd);
        return;
    }
    c->fd = fd, c->previous = &s->all, c->next = s->all.next;
    if (c->next) c->next->previous = c;
    s->all.next = c;
}

static bool nothing_left(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void accept_all(struct server *s) {
    for (s->accept_failed = false; !s->accept_failed;) {
        int fd = accept4(s->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            add_conn(s, fd);
        else if (errno == EAGAIN)
            return;
        else /* any other error is one client's, and the next one waits behind it */
            s->accept_failed = nothing_left(errno);
    }
}

/* Those that are in the queue now, each once; they may be put in again. */
static void turns(struct server *s) {
    struct conn *c = s->waiting, *next;
    s->waiting = NULL, s->waiting_end = &s->waiting;
    for (; c; c = next) {
        next = c->next_waiting;
        c->waiting = false;
        take_turn(s, c);
    }
}

static int serve(struct server *s, const int *stop) {
    struct epoll_event events[BATCH];
    for (;;) {
        int timeout_ms = s->waiting ? 0 : s->accept_failed ? RETRY_MS : -1;
        int n = epoll_wait(s->epoll_fd, events, BATCH, timeout_ms);
        if (n < 0 && errno != EINTR) return -errno;
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr == stop) return 0;
            if (events[i].data.ptr == s)
                accept_all(s);
            else
                let_wait(s, events[i].data.ptr);
        }
        if (s->accept_failed) accept_all(s);
        turns(s);
    }
}

int echo_serve(int listen_fd, int stop_fd) {
    struct server *s = calloc(1, sizeof *s);
    if (!s) return -ENOMEM;
    s->listen_fd = listen_fd, s->waiting_end = &s->waiting;
    s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    bool begun =
        s->epoll_fd >= 0 && watch(s, listen_fd, EPOLLIN | EPOLLET, s) == 0 && watch(s, stop_fd, EPOLLIN, &stop_fd) == 0;
    int answer = begun ? serve(s, &stop_fd) : -errno;
    while (s->all.next) close_conn(s->all.next);
    if (s->epoll_fd >= 0) close(s->epoll_fd);
    free(s);
    return answer;
}
