/* SPDX-License-Identifier: MIT */
/* Mutant: SO_LINGER, so that close does not return before the client has taken
 * everything, be it for ten seconds. */
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

#define CHUNK_BYTES (64 * 1024) /* of one read; what is owed is never more */
#define TURN_BYTES (256 * 1024) /* of one connection before the others have theirs */
#define EVENTS_AT_ONCE 512
#define NEWS (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)
#define RETRY_MS 100 /* until accept is tried again, out of descriptors */

/* What must be remembered between two events: little, and the bytes owed only
 * while there are any. So ten thousand quiet clients cost half a megabyte. */
struct connection {
    struct connection *next, *previous;
    char *owed; /* NULL: nothing */
    size_t owed_from, owed_to;
    int fd;
};

struct server {
    int epoll_fd, listen_fd;
    bool crowded;          /* accept could not go on: nobody will tell when it can */
    struct connection all; /* the ends of the list */
    char chunk[CHUNK_BYTES];
};

int echo_listen(const char *ipv4, uint16_t port, int backlog) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (!ipv4 || inet_pton(AF_INET, ipv4, &address.sin_addr) != 1) return -EINVAL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;

    /* Else a restarted server would find its port taken for a minute, by
     * connections of its predecessor in TIME_WAIT. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) < 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, backlog) < 0) {
        int error = errno; /* close has one of its own */
        close(fd);
        return -error;
    }
    return fd;
}

static int watch(struct server *s, int op, int fd, uint32_t events, void *who) {
    struct epoll_event event = {.events = events, .data.ptr = who};
    return epoll_ctl(s->epoll_fd, op, fd, &event);
}

static void say_goodbye(struct connection *c) {
    c->previous->next = c->next, c->next->previous = c->previous;
    /* Nobody has a duplicate, so this takes it off the interest list too. */
    close(c->fd);
    free(c->owed);
    free(c);
}

/* false: out of memory, or of room for watches; then this client is let go. */
static bool welcome(struct server *s, int fd) {
    struct connection *c = calloc(1, sizeof *c);
    if (!c) return false;
    *c = (struct connection){.fd = fd, .next = s->all.next, .previous = &s->all};

    /* All there is to ask, once: a connection that is writable all the time
     * makes no edges, so EPOLLOUT costs nothing until a send buffer is full. */
    if (watch(s, EPOLL_CTL_ADD, fd, NEWS, c) < 0) {
        free(c);
        return false;
    }
    c->next->previous = c, s->all.next = c;
    return true;
}

/* Until the accept queue is empty, or nothing more can be accepted. */
static void accept_all(struct server *s) {
    s->crowded = false;
    for (;;) {
        int fd = accept4(s->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 10}, sizeof(struct linger));
            if (!welcome(s, fd)) close(fd);
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            /* EMFILE and its kin: clients wait in the queue, and the edge that
             * told of them is used up. */
            s->crowded = true;
            return;
        }
    }
}

enum outcome { DONE, BLOCKED, OVER };

/* Sends until all is sent (DONE; `*sent` tells how much else). */
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

/* Keeps what could not be sent. Until it is, the connection is not read from:
 * the client's own send buffer fills up, and it learns to wait. */
static enum outcome owe(struct connection *c, const char *bytes, size_t size) {
    c->owed = malloc(size);
    if (!c->owed) return OVER;
    memcpy(c->owed, bytes, size);
    c->owed_from = 0, c->owed_to = size;
    return BLOCKED;
}

/* Echoes until the socket is empty (DONE), its send buffer full (BLOCKED), or
 * the turn is over (DONE, and another turn asked for). */
static enum outcome echo(struct server *s, struct connection *c, bool ending) {
    for (size_t echoed = 0; echoed < TURN_BYTES;) {
        ssize_t n = recv(c->fd, s->chunk, CHUNK_BYTES, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno == EAGAIN ? DONE : OVER;
        if (n == 0) return OVER;
        size_t sent;
        enum outcome outcome = send_all(c->fd, s->chunk, (size_t)n, &sent);
        if (outcome == BLOCKED) return owe(c, s->chunk + sent, (size_t)n - sent);
        if (outcome == OVER) return OVER;
        echoed += (size_t)n;

        /* A short read has emptied the socket, but not if the end of the
         * stream stands behind the bytes: that edge we have had already. */
        if (n < CHUNK_BYTES && !ending) return DONE;
    }
    /* A client that sends without pause. Modified, even to the same, a watch
     * goes to the end of the kernel's queue if there is anything to tell. */
    return watch(s, EPOLL_CTL_MOD, c->fd, NEWS, c) < 0 ? OVER : DONE;
}

static void turn(struct server *s, struct connection *c, uint32_t events) {
    enum outcome outcome = c->owed ? send_owed(c) : DONE;
    if (outcome == DONE) outcome = echo(s, c, events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR));
    if (outcome == OVER) say_goodbye(c);
}

static int serve(struct server *s, int *stop) {
    struct epoll_event events[EVENTS_AT_ONCE];
    for (;;) {
        int n = epoll_wait(s->epoll_fd, events, EVENTS_AT_ONCE, s->crowded ? RETRY_MS : -1);
        if (n < 0 && errno != EINTR) return -errno;
        bool arrivals = s->crowded; /* a turn may have freed a descriptor */
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
    while (s.all.next != &s.all) say_goodbye(s.all.next);
    close(s.epoll_fd);
    return result;
}
