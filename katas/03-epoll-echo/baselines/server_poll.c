/* SPDX-License-Identifier: MIT */
/* server_poll.c -- one thread, poll(): the event loop before epoll.
 *
 * The same loop as an epoll server's, except for one thing: the list of whom we
 * watch lives here and is handed over anew for each wait. So the kernel looks
 * at every client each time, and we look through all the answers: O(clients)
 * for each turn, however few of them have something to say. */
#include "epoll_echo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_BYTES (16 * 1024)
#define NO_DESCRIPTOR_MS 20
#define FIXED 2 /* watched[0] is the stop descriptor, watched[1] the listener */

/* What a client has not taken yet; while there is any, nothing is read. */
struct owed_bytes {
    char *bytes; /* NULL: none */
    size_t size;
};

struct server {
    struct pollfd *watched;
    struct owed_bytes *owed; /* of watched[i] */
    size_t count, room;
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

static bool make_room(struct server *s) {
    if (s->count < s->room) return true;
    size_t room = s->room ? 2 * s->room : 64;
    struct pollfd *watched = realloc(s->watched, room * sizeof *watched);
    if (watched) s->watched = watched;
    struct owed_bytes *owed = realloc(s->owed, room * sizeof *owed);
    if (owed) s->owed = owed;
    if (!watched || !owed) return false;
    s->room = room;
    return true;
}

static bool watch(struct server *s, int fd) {
    if (!make_room(s)) return false;
    s->watched[s->count] = (struct pollfd){fd, POLLIN, 0};
    s->owed[s->count++] = (struct owed_bytes){NULL, 0};
    return true;
}

/* The last one moves into the gap, to be looked at in the same turn: the loop
 * over the clients goes downwards. */
static void drop(struct server *s, size_t i) {
    close(s->watched[i].fd);
    free(s->owed[i].bytes);
    s->watched[i] = s->watched[--s->count];
    s->owed[i] = s->owed[s->count];
}

/* How much the kernel took: all, some, none; -1: the client is gone. */
static ssize_t send_some(int fd, const char *bytes, size_t size) {
    for (;;) {
        ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);
        if (n >= 0) return n;
        if (errno == EAGAIN) return 0;
        if (errno != EINTR) return -1;
    }
}

/* Keeps what `send_some` left over. False: no memory, or the client is gone. */
static bool send_or_keep(struct server *s, size_t i, const char *bytes, size_t size) {
    ssize_t taken = send_some(s->watched[i].fd, bytes, size);
    if (taken < 0) return false;
    size_t rest = size - (size_t)taken;
    if (rest == 0) return true;
    char *copy = malloc(rest);
    if (!copy) return false;
    memcpy(copy, bytes + taken, rest);
    s->owed[i] = (struct owed_bytes){copy, rest};
    s->watched[i].events = POLLOUT;
    return true;
}

/* Both answer whether the connection lives on. */
static bool send_owed(struct server *s, size_t i) {
    struct owed_bytes *owed_bytes = &s->owed[i];
    ssize_t taken = send_some(s->watched[i].fd, owed_bytes->bytes, owed_bytes->size);
    if (taken < 0) return false;
    owed_bytes->size -= (size_t)taken;
    memmove(owed_bytes->bytes, owed_bytes->bytes + taken, owed_bytes->size);
    if (owed_bytes->size > 0) return true;
    free(owed_bytes->bytes);
    owed_bytes->bytes = NULL;
    s->watched[i].events = POLLIN;
    return true;
}

/* One read is enough: poll() is level-triggered and says it again. */
static bool echo_once(struct server *s, size_t i) {
    static char buffer[BUFFER_BYTES];
    ssize_t n = read(s->watched[i].fd, buffer, sizeof buffer);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    return n > 0 && send_or_keep(s, i, buffer, (size_t)n);
}

/* Accepts all clients that wait. False: there is no descriptor for more. */
static bool accept_all(struct server *s, int listen_fd) {
    for (;;) {
        int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0 && !watch(s, fd)) close(fd);
        if (fd >= 0 || errno == EINTR || errno == ECONNABORTED) continue;
        return errno == EAGAIN;
    }
}

static void turn(struct server *s, int listen_fd) {
    for (size_t i = s->count; i-- > FIXED;) {
        if (!s->watched[i].revents) continue;
        if (!(s->owed[i].bytes ? send_owed(s, i) : echo_once(s, i))) drop(s, i);
    }
    bool paused = s->watched[1].fd < 0;
    if (s->watched[1].revents || paused) s->watched[1].fd = accept_all(s, listen_fd) ? listen_fd : -1;
}

int echo_serve(int listen_fd, int stop_fd) {
    struct server s = {0};
    int result = 0;
    if (!watch(&s, stop_fd) || !watch(&s, listen_fd)) result = -ENOMEM;
    while (result == 0) {
        int patience = s.watched[1].fd < 0 ? NO_DESCRIPTOR_MS : -1;
        if (poll(s.watched, s.count, patience) < 0 && errno != EINTR && errno != ENOMEM) result = -errno;
        if (s.watched[0].revents) break;
        turn(&s, listen_fd);
    }
    while (s.count > FIXED) drop(&s, s.count - 1);
    free(s.watched);
    free(s.owed);
    return result;
}
