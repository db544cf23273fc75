/* SPDX-License-Identifier: MIT */
/* splices.c -- another right design: the bytes never enter user space. They go
 * from the socket into a pipe and from the pipe back into the socket.
 *
 * All connections share one pipe as long as it is empty after each turn. A
 * client that does not read keeps the pipe with the bytes that it is owed, and
 * the others get a new one. If there is no descriptor for a new pipe, the owed
 * bytes are read into memory instead. */
#include "epoll_echo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define AT_ONCE 65536
#define ROUNDS 16

struct client {
    int fd, pipe[2]; /* -1: none of its own */
    size_t in_pipe;
    char *kept; /* owed bytes, where no pipe was to be had */
    size_t kept_from, kept_to;
    bool queued, due; /* for another turn; that turn comes in this round */
    struct client *before, *after, *next_turn;
};

struct echo {
    int epoll, listen_fd, pipe[2];
    struct client clients; /* ends of the list */
    struct client *turns;
    bool full;
};

int echo_listen(const char *ipv4, uint16_t port, int backlog) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (!ipv4 || !inet_pton(AF_INET, ipv4, &a.sin_addr)) return -EINVAL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    int on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0) goto failed;
    if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, backlog) < 0) goto failed;
    return fd;
failed:;
    int error = -errno;
    close(fd);
    return error;
}

static void close_pipe(int ends[2]) {
    if (ends[0] >= 0) close(ends[0]), close(ends[1]);
    ends[0] = ends[1] = -1;
}

static void drop(struct echo *e, struct client *c) {
    for (struct client **at = &e->turns; *at; at = &(*at)->next_turn)
        if (*at == c) {
            *at = c->next_turn;
            break;
        }
    c->before->after = c->after, c->after->before = c->before;
    close_pipe(c->pipe);
    free(c->kept);
    epoll_ctl(e->epoll, EPOLL_CTL_DEL, c->fd, NULL);
    close(c->fd);
    free(c);
}

static bool would_wait(void) {
    return errno == EAGAIN;
}

/* 1: all is out; 0: it has to wait; -1: over. */
static int empty_kept(struct client *c) {
    while (c->kept_from < c->kept_to) {
        ssize_t n = write(c->fd, c->kept + c->kept_from, c->kept_to - c->kept_from);
        if (n < 0 && errno != EINTR) return would_wait() ? 0 : -1;
        if (n > 0) c->kept_from += (size_t)n;
    }
    free(c->kept);
    c->kept = NULL;
    return 1;
}

static int empty_pipe(struct client *c, int from, size_t *left) {
    while (*left > 0) {
        ssize_t n = splice(from, NULL, c->fd, NULL, *left, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
        if (n < 0 && errno != EINTR) return would_wait() ? 0 : -1;
        if (n > 0) *left -= (size_t)n;
    }
    return 1;
}

/* Gives `c` the shared pipe, which holds `size` bytes that `c` is owed. */
static int keep(struct echo *e, struct client *c, size_t size) {
    int fresh[2];
    if (pipe2(fresh, O_NONBLOCK | O_CLOEXEC) == 0) {
        c->pipe[0] = e->pipe[0], c->pipe[1] = e->pipe[1], c->in_pipe = size;
        e->pipe[0] = fresh[0], e->pipe[1] = fresh[1];
        return 0;
    }
    c->kept = malloc(size);
    c->kept_from = 0, c->kept_to = 0;
    char rest[512];
    while (size > 0) {
        ssize_t n = c->kept ? read(e->pipe[0], c->kept + c->kept_to, size) : read(e->pipe[0], rest, sizeof rest);
        if (n <= 0) continue; /* EINTR: the bytes are there */
        size -= (size_t)n;
        if (c->kept) c->kept_to += (size_t)n;
    }
    return c->kept ? 0 : -1;
}

static int send_owed(struct client *c) {
    int state = c->kept ? empty_kept(c) : 1;
    if (state == 1 && c->in_pipe) state = empty_pipe(c, c->pipe[0], &c->in_pipe);
    if (state == 1) close_pipe(c->pipe);
    return state;
}

/* -1: over. */
static int rounds(struct echo *e, struct client *c) {
    int state = send_owed(c);
    for (int round = 0; state == 1 && round < ROUNDS; round++) {
        ssize_t n = splice(c->fd, NULL, e->pipe[1], NULL, AT_ONCE, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
        if (n == 0) return -1;
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return would_wait() ? 0 : -1;
        size_t left = (size_t)n;
        state = empty_pipe(c, e->pipe[0], &left);
        if (left > 0) {
            if (state == 0) return keep(e, c, left);
            close_pipe(e->pipe); /* bytes of a connection that is over are in it */
            return pipe2(e->pipe, O_NONBLOCK | O_CLOEXEC) == 0 ? -1 : -2;
        }
    }
    if (state < 1) return state;
    if (c->queued) return 0;
    struct client **last = &e->turns;
    while (*last) last = &(*last)->next_turn;
    *last = c, c->next_turn = NULL, c->queued = true;
    return 0;
}

static void accept_all(struct echo *e) {
    for (e->full = false;;) {
        int fd = accept4(e->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
        if (fd < 0) {
            e->full = errno != EAGAIN;
            return;
        }
        struct client *c = calloc(1, sizeof *c);
        if (!c) {
            close(fd);
            continue;
        }
        *c = (struct client){.fd = fd, .pipe = {-1, -1}, .after = e->clients.after, .before = &e->clients};
        c->after->before = c, e->clients.after = c;
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
        if (epoll_ctl(e->epoll, EPOLL_CTL_ADD, fd, &event) < 0) drop(e, c);
    }
}

static int visit(struct echo *e, struct client *c) {
    int state = rounds(e, c);
    if (state < 0) drop(e, c);
    return state == -2 ? -1 : 0;
}

/* Connections whose turn was cut short earlier get one more, after the events at hand. */
static void line_up(struct echo *e) {
    for (struct client *c = e->turns; c; c = c->next_turn) c->due = true;
}

static int revisit(struct echo *e) {
    for (struct client *c; (c = e->turns) && c->due;) {
        e->turns = c->next_turn;
        c->queued = c->due = false;
        if (visit(e, c) < 0) return -1;
    }
    return 0;
}

static int serve(struct echo *e, int stop_fd) {
    struct epoll_event events[256], stop = {.events = EPOLLIN, .data.ptr = &stop_fd};
    struct epoll_event arrivals = {.events = EPOLLIN | EPOLLET, .data.ptr = e};
    if (epoll_ctl(e->epoll, EPOLL_CTL_ADD, stop_fd, &stop) < 0) return -errno;
    if (epoll_ctl(e->epoll, EPOLL_CTL_ADD, e->listen_fd, &arrivals) < 0) return -errno;
    for (;;) {
        int n = epoll_wait(e->epoll, events, 256, e->turns ? 0 : e->full ? 150 : -1);
        if (n < 0 && errno != EINTR) return -errno;
        line_up(e);
        bool looking = e->full;
        for (int i = 0; i < n; i++) {
            void *who = events[i].data.ptr;
            if (who == &stop_fd) return 0;
            if (who == e)
                looking = true;
            else if (!((struct client *)who)->due && visit(e, who) < 0)
                return -EMFILE;
        }
        if (revisit(e) < 0) return -EMFILE;
        if (looking) accept_all(e);
    }
}

int echo_serve(int listen_fd, int stop_fd) {
    signal(SIGPIPE, SIG_IGN); /* splice has no MSG_NOSIGNAL */
    struct echo e = {.epoll = epoll_create1(EPOLL_CLOEXEC), .listen_fd = listen_fd, .pipe = {-1, -1}};
    if (e.epoll < 0) return -errno;
    e.clients.before = e.clients.after = &e.clients;
    int result = pipe2(e.pipe, O_NONBLOCK | O_CLOEXEC) == 0 ? serve(&e, stop_fd) : -errno;
    while (e.clients.after != &e.clients) drop(&e, e.clients.after);
    close_pipe(e.pipe);
    close(e.epoll);
    return result;
}
