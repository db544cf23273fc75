/* SPDX-License-Identifier: MIT */
/* epoll_echo.c -- the reference: one event loop, one shared buffer.
 *
 * Between two events of a connection one of two things holds. Either the server
 * owes it nothing: then its socket was empty when it was last read, or the
 * server has asked epoll for another event. Or the server owes it bytes: then
 * its send buffer was full, and epoll reports EPOLLOUT once there is room. No
 * connection is forgotten, because every path through turn() ends at EAGAIN, at
 * a short read, or with such a request.
 *
 * A message costs two system calls, one read and one write: a read that came
 * back short has emptied the socket, and whatever arrives later is a new edge. */
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

#define CHUNK_BYTES (64 * 1024) /* of one read; a connection is never owed more */
#define TURN_BYTES (256 * 1024) /* of one connection; then the others get their turn */
#define EVENTS_AT_ONCE 512
#define WATCHED (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)
#define RETRY_MS 100 /* until accept is tried again after it failed */

/* What the server remembers of a connection between two events. It takes memory
 * for owed bytes only while there are any, so ten thousand quiet connections
 * cost half a megabyte. */
struct connection {
    struct connection *next, *previous;
    char *owed; /* NULL: no bytes are owed */
    size_t owed_from, owed_to;
    int fd;
};

struct server {
    int epoll_fd, listen_fd;
    bool accept_failed;    /* no event will tell when it can go on */
    struct connection all; /* head of a circular list; no connection itself */
    char chunk[CHUNK_BYTES];
};

int echo_listen(const char *ipv4, uint16_t port, int backlog) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (!ipv4 || inet_pton(AF_INET, ipv4, &address.sin_addr) != 1) return -EINVAL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;

    /* Without it a restarted server would find its port in use for a minute:
     * old connections of it are still in TIME_WAIT. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) < 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, backlog) < 0) {
        int error = errno; /* close may change errno */
        close(fd);
        return -error;
    }
    return fd;
}

static int watch(struct server *s, int op, int fd, uint32_t events, void *who) {
    struct epoll_event event = {.events = events, .data.ptr = who};
    return epoll_ctl(s->epoll_fd, op, fd, &event);
}

static void close_connection(struct connection *c) {
    c->previous->next = c->next, c->next->previous = c->previous;
    /* The descriptor has no duplicate, so close also removes it from the interest list. */
    close(c->fd);
    free(c->owed);
    free(c);
}

/* False: there is no memory, or epoll has no room for one more watch. */
static bool add_connection(struct server *s, int fd) {
    struct connection *c = calloc(1, sizeof *c);
    if (!c) return false;
    *c = (struct connection){.fd = fd, .next = s->all.next, .previous = &s->all};

    /* One epoll_ctl for the connection's whole life. EPOLLOUT costs nothing
     * here: a socket that stays writable makes no edges, only one that was
     * full and has room again. */
    if (watch(s, EPOLL_CTL_ADD, fd, WATCHED, c) < 0) {
        free(c);
        return false;
    }
    c->next->previous = c, s->all.next = c;
    return true;
}

/* Accepts until the queue is empty, or accept fails. */
static void accept_all(struct server *s) {
    s->accept_failed = false;
    for (;;) {
        int fd = accept4(s->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            if (!add_connection(s, fd)) close(fd);
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            /* EMFILE, ENOBUFS, an error of the network, ...: clients may still
             * wait in the queue, and their edge has been reported already. So
             * a timeout of epoll_wait leads here again. */
            s->accept_failed = true;
            return;
        }
    }
}

enum outcome { DONE, BLOCKED, OVER };

/* Sends all bytes (DONE), or as many as there is room for (BLOCKED); `*sent` counts them. */
static enum outcome send_all(int fd, const char *bytes, size_t size, size_t *sent) {
    for (*sent = 0; *sent < size;) {
        ssize_t n = send(fd, bytes + *sent, size - *sent, MSG_NOSIGNAL);
        if (n >= 0)
            *sent += (size_t)n;
        else if (errno == EAGAIN)
            return BLOCKED;
        else if (errno != EINTR)
            return OVER;
    }
    return DONE;
}

static enum outcome send_owed(struct connection *c) {
    size_t sent;
    enum outcome outcome = send_all(c->fd, c->owed + c->owed_from, c->owed_to - c->owed_from, &sent);
    c->owed_from += sent;
    if (outcome == DONE) free(c->owed), c->owed = NULL;
    return outcome;
}

/* Keeps the bytes that could not be sent. Until they are, the server does not
 * read from this connection: its receive buffer fills, TCP's window closes, and
 * the client's own writes begin to wait. */
static enum outcome keep_owed(struct connection *c, const char *bytes, size_t size) {
    c->owed = malloc(size);
    if (!c->owed) return OVER;
    memcpy(c->owed, bytes, size);
    c->owed_from = 0, c->owed_to = size;
    return BLOCKED;
}

/* Echoes until the socket is empty (DONE), its send buffer is full (BLOCKED), or
 * the turn is over (DONE, and another event has been asked for). `ending`: the
 * event told of the end of the stream, or of an error. */
static enum outcome echo(struct server *s, struct connection *c, bool ending) {
    for (size_t echoed = 0; echoed < TURN_BYTES;) {
        ssize_t n = recv(c->fd, s->chunk, CHUNK_BYTES, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno == EAGAIN ? DONE : OVER;
        if (n == 0) return OVER;
        size_t sent;
        enum outcome outcome = send_all(c->fd, s->chunk, (size_t)n, &sent);
        if (outcome == BLOCKED) return keep_owed(c, s->chunk + sent, (size_t)n - sent);
        if (outcome == OVER) return OVER;
        echoed += (size_t)n;

        /* A short read has emptied the socket. If the end of the stream comes
         * right after these bytes, though, its edge has been reported with
         * theirs, and only another read finds it. */
        if (n < CHUNK_BYTES && !ending) return DONE;
    }
    /* This client sends without pause. EPOLL_CTL_MOD, even with the same events,
     * puts the watch at the end of epoll's ready list if the socket is ready. */
    return watch(s, EPOLL_CTL_MOD, c->fd, WATCHED, c) < 0 ? OVER : DONE;
}

static void turn(struct server *s, struct connection *c, uint32_t events) {
    enum outcome outcome = c->owed ? send_owed(c) : DONE;
    if (outcome == DONE) outcome = echo(s, c, events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR));
    if (outcome == OVER) close_connection(c);
}

static int serve(struct server *s, int *stop) {
    struct epoll_event events[EVENTS_AT_ONCE];
    for (;;) {
        int n = epoll_wait(s->epoll_fd, events, EVENTS_AT_ONCE, s->accept_failed ? RETRY_MS : -1);
        if (n < 0 && errno != EINTR) return -errno;
        bool arrivals = s->accept_failed; /* a connection closed below may have freed a descriptor */
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr == stop) return 0;
            if (events[i].data.ptr != s) turn(s, events[i].data.ptr, events[i].events);
            arrivals |= events[i].data.ptr == s;
        }
        if (arrivals) accept_all(s);
    }
}

int echo_serve(int listen_fd, int stop_fd) {
    struct server s = {.epoll_fd = epoll_create1(EPOLL_CLOEXEC), .listen_fd = listen_fd};
    if (s.epoll_fd < 0) return -errno;
    s.all.next = s.all.previous = &s.all;

    bool watching = watch(&s, EPOLL_CTL_ADD, listen_fd, EPOLLIN | EPOLLET, &s) == 0 &&
                    watch(&s, EPOLL_CTL_ADD, stop_fd, EPOLLIN, &stop_fd) == 0;
    int result = watching ? serve(&s, &stop_fd) : -errno;
    while (s.all.next != &s.all) close_connection(s.all.next);
    close(s.epoll_fd);
    return result;
}
