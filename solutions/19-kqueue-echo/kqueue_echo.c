/* SPDX-License-Identifier: MIT */
/* kqueue_echo.c -- the reference: one event loop, one shared buffer.
 *
 * Between two events of a connection one of two things holds. Either no bytes
 * are owed to it; then kqueue has been asked about it, and has not reported
 * since, or it was read until nothing was left. Or bytes are owed because its send
 * buffer was full; then the write filter reports when there is room. So each path
 * through turn() ends at EAGAIN, at a short read, or with a request for another
 * event.
 *
 * The two filters of a connection are two entries, and one batch may hold an
 * event of each: what the first one closes, the second one still points to. */
#include "kqueue_echo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/event.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK_BYTES (64 * 1024) /* of one read; a connection is never owed more */
#define TURN_BYTES (256 * 1024) /* of one connection; then the others get their turn */
#define EVENTS_AT_ONCE 512
#define RETRY_MS 100 /* until accept is tried again after it failed */

/* What the server remembers of a connection between two events. It takes memory
 * for bytes only while some are owed. */
struct connection {
    struct connection *next, *previous;
    char *owed; /* NULL: no bytes are owed */
    size_t owed_from, owed_to;
    int fd; /* -1: closed in this batch */
};

struct server {
    int queue, listen_fd;
    bool accept_failed;        /* no event says when to try again: a timer does */
    struct connection all;     /* a ring; this one is only its head */
    struct connection *closed; /* freed when nothing can point to them any more */
    char chunk[CHUNK_BYTES];   /* holds nothing between two turns, so all connections use the same one */
};

int echo_listen(const char *ipv4, uint16_t port, int backlog) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (!ipv4 || inet_pton(AF_INET, ipv4, &address.sin_addr) != 1) return -EINVAL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;

    /* Without it a restarted server would find its port in use for a minute:
     * by old connections in TIME_WAIT. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) < 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, backlog) < 0) {
        int error = errno; /* close may change it */
        close(fd);
        return -error;
    }
    return fd;
}

/* Adds, or asks anew: EV_ADD runs the filter on the present state. */
static int watch(struct server *s, int fd, short filter, unsigned short flags, void *who) {
    struct kevent change;
    EV_SET(&change, fd, filter, EV_ADD | flags, 0, 0, who);
    return kevent(s->queue, &change, 1, NULL, 0, NULL);
}

static void close_connection(struct server *s, struct connection *c) {
    c->previous->next = c->next, c->next->previous = c->previous;
    close(c->fd); /* which deletes both of its filters */
    free(c->owed);
    c->fd = -1, c->next = s->closed, s->closed = c;
}

static void free_closed(struct server *s) {
    for (struct connection *c; (c = s->closed);) s->closed = c->next, free(c);
}

/* False: there is no memory, or the kernel has none for two more filters. */
static bool add_connection(struct server *s, int fd) {
    struct connection *c = calloc(1, sizeof *c);
    if (!c) return false;
    *c = (struct connection){.fd = fd, .next = s->all.next, .previous = &s->all};

    /* Both filters in one call, for the connection's whole life. */
    struct kevent changes[2];
    EV_SET(&changes[0], fd, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 0, c);
    EV_SET(&changes[1], fd, EVFILT_WRITE, EV_ADD | EV_CLEAR, 0, 0, c);
    if (kevent(s->queue, changes, 2, NULL, 0, NULL) < 0) {
        free(c);
        return false;
    }
    c->next->previous = c, s->all.next = c;
    return true;
}

/* Clients may still wait in the queue, and their event has been reported. */
static void try_again_later(struct server *s) {
    struct kevent timer;
    if (s->accept_failed) return; /* it is running: set anew each time, it might never ring */
    EV_SET(&timer, 0, EVFILT_TIMER, EV_ADD | EV_ONESHOT, 0, RETRY_MS, s);
    s->accept_failed = kevent(s->queue, &timer, 1, NULL, 0, NULL) == 0;
}

/* Accepts until the queue is empty, or accept fails. */
static void accept_all(struct server *s) {
    for (;;) {
        int fd = accept4(s->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            if (!add_connection(s, fd)) close(fd);
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            /* EMFILE, ENOBUFS, an error of the network, ... */
            try_again_later(s);
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
         * right after these bytes, though, it has been reported with them
         * (EV_EOF), and only another read finds it. */
        if (n < CHUNK_BYTES && !ending) return DONE;
    }
    /* This client sends without pause. If there is more, EV_ADD puts its event at
     * the end of the queue. */
    return watch(s, c->fd, EVFILT_READ, EV_CLEAR, c) < 0 ? OVER : DONE;
}

/* Room to write is no news where nothing is owed: without that, each batch would
 * read twice from a connection. Whatever it is, EV_EOF is. */
static void turn(struct server *s, struct connection *c, const struct kevent *event) {
    bool ending = event->flags & EV_EOF;
    if (!c->owed && event->filter == EVFILT_WRITE && !ending) return;
    bool owed = c->owed;
    enum outcome outcome = owed ? send_owed(c) : DONE;
    /* While bytes were owed, events of the read filter came and went: the end among them, perhaps. */
    if (outcome == DONE) outcome = echo(s, c, ending || owed);
    if (outcome == OVER) close_connection(s, c);
}

static int serve(struct server *s, int *stop) {
    struct kevent events[EVENTS_AT_ONCE];
    for (;;) {
        int n = kevent(s->queue, NULL, 0, events, EVENTS_AT_ONCE, NULL);
        if (n < 0 && errno != EINTR) return -errno;
        bool arrivals = s->accept_failed; /* a connection closed below may have freed a descriptor */
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].udata;
            if (events[i].udata == stop) return 0;
            if (events[i].filter == EVFILT_TIMER) s->accept_failed = false;
            if (events[i].udata == s)
                arrivals = true;
            else if (c->fd >= 0)
                turn(s, c, &events[i]);
        }
        if (arrivals) accept_all(s);
        free_closed(s);
    }
}

int echo_serve(int listen_fd, int stop_fd) {
    struct server s = {.queue = kqueue(), .listen_fd = listen_fd};
    if (s.queue < 0) return -errno;
    s.all.next = s.all.previous = &s.all;

    bool watching =
        watch(&s, listen_fd, EVFILT_READ, EV_CLEAR, &s) == 0 && watch(&s, stop_fd, EVFILT_READ, 0, &stop_fd) == 0;
    int result = watching ? serve(&s, &stop_fd) : -errno;
    while (s.all.next != &s.all) close_connection(&s, s.all.next);
    free_closed(&s);
    close(s.queue);
    return result;
}
