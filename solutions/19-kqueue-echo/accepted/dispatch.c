/* SPDX-License-Identifier: MIT */
/* dispatch.c -- another right design: EV_DISPATCH. An entry that has reported is
 * disabled; the server enables the one filter that it waits for next. So there is
 * one event of a connection in a batch at most, and what it closes can be freed at
 * once. A message costs a call more. Descriptors are blocking, and never waited
 * on (MSG_DONTWAIT). */
#include "kqueue_echo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/event.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROOM 16384
#define RETRY_NS (20 * 1000 * 1000)

struct link {
    int fd;
    size_t from, to;
    char *bytes; /* NULL between two messages */
    struct link *next, **self;
};

int echo_listen(const char *ipv4, uint16_t port, int backlog) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (!ipv4 || inet_pton(AF_INET, ipv4, &at.sin_addr) != 1) return -EINVAL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) == 0 &&
        bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, backlog) == 0)
        return fd;
    int error = errno;
    close(fd);
    return -error;
}

static int tell(int queue, int fd, short filter, unsigned short how, void *who) {
    struct kevent c;
    EV_SET(&c, fd, filter, how, 0, 0, who);
    return kevent(queue, &c, 1, NULL, 0, NULL);
}

static void end(struct link *l) {
    *l->self = l->next;
    if (l->next) l->next->self = l->self;
    close(l->fd);
    free(l->bytes);
    free(l);
}

static void begin(int queue, struct link **first, int fd) {
    struct link *l = malloc(sizeof *l);
    if (!l) {
        close(fd);
        return;
    }
    *l = (struct link){.fd = fd, .next = *first, .self = first};
    if (l->next) l->next->self = &l->next;
    *first = l;
    if (tell(queue, fd, EVFILT_WRITE, EV_ADD | EV_DISPATCH | EV_DISABLE, l) < 0 ||
        tell(queue, fd, EVFILT_READ, EV_ADD | EV_DISPATCH, l) < 0)
        end(l);
}

/* One read if nothing is owed, one write; false when the connection is over. */
static bool serve_link(struct link *l) {
    if (!l->bytes) {
        if (!(l->bytes = malloc(ROOM))) return false;
        ssize_t n = recv(l->fd, l->bytes, ROOM, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) return false;
        l->from = 0, l->to = n < 0 ? 0 : (size_t)n;
    }
    if (l->to > l->from) {
        ssize_t n = send(l->fd, l->bytes + l->from, l->to - l->from, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR) return false;
        if (n > 0) l->from += (size_t)n;
    }
    if (l->from == l->to) free(l->bytes), l->bytes = NULL;
    return true;
}

/* True: accept failed, and has to be tried again later. */
static bool take_all(int queue, int listen_fd, struct link **first) {
    for (;;) {
        int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            begin(queue, first, fd);
        else if (errno == EAGAIN)
            return false;
        else if (errno != EINTR && errno != ECONNABORTED)
            return true;
    }
}

static int loop(int queue, int listen_fd, char *stop, struct link **first) {
    const struct timespec soon = {0, RETRY_NS};
    struct kevent events[100];
    for (bool full = false;;) {
        int n = kevent(queue, NULL, 0, events, 100, full ? &soon : NULL);
        if (n < 0 && errno != EINTR) return -errno;
        bool look = full;
        for (int i = 0; i < n; i++) {
            struct link *l = events[i].udata;
            if (events[i].udata == stop) return 0;
            look |= !l;
            if (!l) continue;
            bool on = serve_link(l);
            if (!on || tell(queue, l->fd, l->bytes ? EVFILT_WRITE : EVFILT_READ, EV_ENABLE, l) < 0) end(l);
        }
        if (look) full = take_all(queue, listen_fd, first);
    }
}

int echo_serve(int listen_fd, int stop_fd) {
    char stop;
    struct link *first = NULL;
    int queue = kqueue(), result;
    if (queue < 0) return -errno;
    if (tell(queue, listen_fd, EVFILT_READ, EV_ADD | EV_CLEAR, NULL) < 0 ||
        tell(queue, stop_fd, EVFILT_READ, EV_ADD, &stop) < 0)
        result = -errno;
    else
        result = loop(queue, listen_fd, &stop, &first);
    while (first) end(first);
    close(queue);
    return result;
}
