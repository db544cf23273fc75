/* SPDX-License-Identifier: MIT */
/* one_list.c -- another right design: level-triggered, and one list of changes
 * for all connections, which goes along with the next wait.
 *
 * The kernel remembers what is left to do, so an event is one read and one write,
 * and nobody can be forgotten. A connection whose send buffer is full is watched
 * for room instead of for bytes. All changes wait in one list, in their order: one
 * for a descriptor that was closed meanwhile answers EBADF, or touches the entry of
 * a newcomer with the same number, whose own EV_ADDs come behind it and win. */
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

enum { EVENTS = 256, NEWCOMERS = 64, CHANGES = 2 * EVENTS + 2 * NEWCOMERS + 2, CHUNK = 16 * 1024, RETRY_MS = 50 };

/* By descriptor number. */
struct place {
    bool open;
    char *owed;
    size_t from, to;
};

struct loop {
    int queue, listener, stop;
    struct place *places;
    size_t length;
    struct kevent changes[CHANGES], events[EVENTS];
    int count; /* of changes */
    char chunk[CHUNK];
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

static void change(struct loop *l, int ident, short filter, unsigned short how, int64_t data) {
    EV_SET(&l->changes[l->count++], ident, filter, how, 0, data, NULL);
}

static void end(struct loop *l, int fd) {
    free(l->places[fd].owed);
    l->places[fd] = (struct place){0};
    close(fd);
}

static bool begin(struct loop *l, int fd) {
    if ((size_t)fd >= l->length) {
        size_t length = (size_t)fd * 2 + 16;
        struct place *grown = realloc(l->places, length * sizeof *grown);
        if (!grown) return false;
        memset(grown + l->length, 0, (length - l->length) * sizeof *grown);
        l->places = grown, l->length = length;
    }
    l->places[fd].open = true;
    change(l, fd, EVFILT_READ, EV_ADD, 0);
    change(l, fd, EVFILT_WRITE, EV_ADD | EV_DISABLE, 0);
    return true;
}

/* Level-triggered: who is not accepted now is reported again. */
static void newcomers(struct loop *l) {
    for (int i = 0; i < NEWCOMERS; i++) {
        int fd = accept4(l->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            if (!begin(l, fd)) close(fd);
            continue;
        }
        if (errno == EINTR || errno == ECONNABORTED) continue;
        if (errno == EAGAIN) return;
        change(l, l->listener, EVFILT_READ, EV_DISABLE, 0);
        change(l, 0, EVFILT_TIMER, EV_ADD | EV_ONESHOT, RETRY_MS);
        return;
    }
}

/* How many went, or -1: this connection is over. */
static ssize_t give(int fd, const char *bytes, size_t size) {
    ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);
    return n >= 0 ? n : errno == EAGAIN || errno == EINTR ? 0 : -1;
}

static bool bytes_came(struct loop *l, int fd) {
    struct place *p = &l->places[fd];
    if (p->owed) return true; /* an event from before */
    ssize_t n = recv(fd, l->chunk, CHUNK, 0);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    if (n == 0) return false;
    ssize_t sent = give(fd, l->chunk, (size_t)n);
    if (sent == n) return true;
    if (sent < 0 || !(p->owed = malloc((size_t)(n - sent)))) return false;
    memcpy(p->owed, l->chunk + sent, (size_t)(n - sent));
    p->from = 0, p->to = (size_t)(n - sent);
    change(l, fd, EVFILT_READ, EV_DISABLE, 0);
    change(l, fd, EVFILT_WRITE, EV_ENABLE, 0);
    return true;
}

static bool room_came(struct loop *l, int fd) {
    struct place *p = &l->places[fd];
    if (!p->owed) return true;
    ssize_t sent = give(fd, p->owed + p->from, p->to - p->from);
    if (sent < 0) return false;
    if ((p->from += (size_t)sent) < p->to) return true;
    free(p->owed);
    p->owed = NULL;
    change(l, fd, EVFILT_WRITE, EV_DISABLE, 0);
    change(l, fd, EVFILT_READ, EV_ENABLE, 0);
    return true;
}

static void happened(struct loop *l, const struct kevent *e, bool *arrivals) {
    int fd = (int)e->ident;
    if (e->filter == EVFILT_TIMER) {
        change(l, l->listener, EVFILT_READ, EV_ENABLE, 0);
    } else if (e->flags & EV_ERROR) { /* no memory to watch it; or a change for what is closed */
        if (e->data == ENOMEM && l->places[fd].open) end(l, fd);
    } else if (fd == l->listener) {
        *arrivals = true;
    } else if (l->places[fd].open) {
        bool on = e->filter == EVFILT_READ ? bytes_came(l, fd) : room_came(l, fd);
        if (!on) end(l, fd);
    }
}

/* 0, or -errno: the two that the loop cannot do without. */
static int begin_to_watch(struct loop *l) {
    struct kevent both[2];
    EV_SET(&both[0], l->stop, EVFILT_READ, EV_ADD, 0, 0, NULL);
    EV_SET(&both[1], l->listener, EVFILT_READ, EV_ADD, 0, 0, NULL);
    return kevent(l->queue, both, 2, NULL, 0, NULL) < 0 ? -errno : 0;
}

static int run(struct loop *l) {
    for (;;) {
        int n = kevent(l->queue, l->changes, l->count, l->events, EVENTS, NULL);
        if (n < 0 && errno != EINTR) return -errno;
        l->count = 0; /* with EINTR, too, they are made */
        bool arrivals = false;
        for (int i = 0; i < n; i++) {
            if (l->events[i].ident == (uintptr_t)l->stop && l->events[i].filter == EVFILT_READ) return 0;
            happened(l, &l->events[i], &arrivals);
        }
        if (arrivals) newcomers(l); /* after the batch, so that no old event meets a newcomer */
    }
}

int echo_serve(int listen_fd, int stop_fd) {
    struct loop *l = calloc(1, sizeof *l);
    if (!l) return -ENOMEM;
    l->listener = listen_fd, l->stop = stop_fd, l->queue = kqueue();
    int result = l->queue < 0 ? -errno : begin_to_watch(l);
    if (!result) result = run(l);
    for (size_t fd = 0; fd < l->length; fd++)
        if (l->places[fd].open) end(l, (int)fd);
    if (l->queue >= 0) close(l->queue);
    free(l->places);
    free(l);
    return result;
}
