/* SPDX-License-Identifier: MIT */
/* fd_table.c -- another right design: state by descriptor number, a ring per
 * connection while it is busy, read and write with SIGPIPE ignored, accept and
 * fcntl where others have accept4.
 *
 * The listener is level-triggered. When there is no descriptor left, the server
 * stops watching it, and a timer makes it watch again; before that it gives up
 * a spare descriptor, for one more client. */
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
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

#define RING 16384 /* a power of two */
#define TURN (192 * 1024)
#define PAUSE_NS 50000000

struct ring {
    unsigned from, to; /* never reset; to - from bytes are owed */
    char bytes[RING];
};

struct state {
    bool open, ended, waits_for_room, again;
    struct ring *ring;
};

struct loop {
    int epoll, listener, timer, spare;
    size_t size;
    struct state *table;
    int *turns, turn_count; /* connections whose turn was cut short, in order */
};

int echo_listen(const char *ipv4, uint16_t port, int backlog) {
    struct sockaddr_in to;
    memset(&to, 0, sizeof to);
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    if (ipv4 == NULL || inet_pton(AF_INET, ipv4, &to.sin_addr) != 1) return -EINVAL;
    int one = 1, error, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd == -1) return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
        bind(fd, (struct sockaddr *)&to, sizeof to) == 0 && listen(fd, backlog) == 0 &&
        fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
        return fd;
    error = errno;
    close(fd);
    return -error;
}

static int control(struct loop *l, int op, int fd, uint32_t events) {
    struct epoll_event e = {.events = events, .data.fd = fd};
    return epoll_ctl(l->epoll, op, fd, &e);
}

static void close_connection(struct loop *l, int fd) {
    struct state *s = &l->table[fd];
    free(s->ring);
    memset(s, 0, sizeof *s); /* a postponed turn finds it closed */
    close(fd);
    if (l->spare < 0) l->spare = fcntl(l->epoll, F_DUPFD_CLOEXEC, 0);
}

static ssize_t fill(int fd, struct ring *r) {
    unsigned room = RING - (r->to - r->from), at = r->to % RING, first = RING - at < room ? RING - at : room;
    struct iovec parts[2] = {{r->bytes + at, first}, {r->bytes, room - first}};
    ssize_t n = readv(fd, parts, 2);
    if (n > 0) r->to += (unsigned)n;
    return n;
}

static ssize_t drain(int fd, struct ring *r) {
    unsigned owed = r->to - r->from, at = r->from % RING, first = RING - at < owed ? RING - at : owed;
    struct iovec parts[2] = {{r->bytes + at, first}, {r->bytes, owed - first}};
    ssize_t n = writev(fd, parts, 2);
    if (n > 0) r->from += (unsigned)n;
    return n;
}

/* false: the connection is over. */
static bool flush(struct loop *l, int fd, struct state *s) {
    while (s->ring->to != s->ring->from) {
        if (drain(fd, s->ring) >= 0 || errno == EINTR) continue;
        if (errno != EAGAIN) return false;
        if (!s->waits_for_room && control(l, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLOUT | EPOLLET) != 0) return false;
        s->waits_for_room = true;
        return true;
    }
    return true;
}

/* Until nothing is left to read, or to write, or of the turn. */
static bool pump(struct loop *l, int fd, struct state *s) {
    for (size_t moved = 0;;) {
        if (!flush(l, fd, s)) return false;
        if (s->ring->to != s->ring->from) return true;
        if (s->ended) return false;
        if (moved >= TURN) {
            if (!s->again) l->turns[l->turn_count++] = fd;
            s->again = true;
            return true;
        }
        ssize_t n = fill(fd, s->ring);
        if (n > 0) moved += (size_t)n;
        if (n == 0) s->ended = true;
        if (n < 0 && errno == EAGAIN) return true;
        if (n < 0 && errno != EINTR) return false;
    }
}

static void serve_one(struct loop *l, int fd) {
    struct state *s = &l->table[fd];
    if (!s->open) return;
    if (!s->ring) s->ring = calloc(1, sizeof *s->ring);
    if (!s->ring || !pump(l, fd, s)) {
        close_connection(l, fd);
    } else if (s->ring->to == s->ring->from) {
        free(s->ring);
        s->ring = NULL;
    }
}

static void pause_accepting(struct loop *l) {
    struct itimerspec soon = {.it_value = {0, PAUSE_NS}};
    control(l, EPOLL_CTL_MOD, l->listener, 0);
    timerfd_settime(l->timer, 0, &soon, NULL);
}

/* Gives the spare descriptor away, for one client more. */
static bool use_spare(struct loop *l) {
    if (l->spare < 0 || (errno != EMFILE && errno != ENFILE)) return false;
    close(l->spare);
    l->spare = -1;
    return true;
}

static void accept_some(struct loop *l) {
    for (;;) {
        int fd = accept(l->listener, NULL, NULL);
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
        if (fd < 0 && errno == EAGAIN) return;
        if (fd < 0 && use_spare(l)) continue;
        if (fd < 0) {
            pause_accepting(l);
            return;
        }
        fcntl(fd, F_SETFL, O_NONBLOCK);
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        l->table[fd] = (struct state){.open = true};
        if (control(l, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLET) != 0) close_connection(l, fd);
    }
}

/* The first `count` of them: later ones were postponed just now, and come after the next events. */
static void postponed_turns(struct loop *l, int count) {
    for (int i = 0; i < count; i++) {
        int fd = l->turns[i];
        if (!l->table[fd].again) continue; /* closed meanwhile */
        l->table[fd].again = false;
        serve_one(l, fd);
    }
    memmove(l->turns, l->turns + count, (size_t)(l->turn_count - count) * sizeof *l->turns);
    l->turn_count -= count;
}

static int run(struct loop *l, int stop) {
    struct epoll_event events[64];
    for (;;) {
        int n = epoll_wait(l->epoll, events, 64, l->turn_count > 0 ? 0 : -1);
        if (n < 0 && errno != EINTR) return -errno;
        int before = l->turn_count;
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            uint64_t ignored;
            if (fd == stop) return 0;
            if (fd == l->listener)
                accept_some(l);
            else if (fd == l->timer)
                (void)(read(fd, &ignored, sizeof ignored) == 0 || control(l, EPOLL_CTL_MOD, l->listener, EPOLLIN) == 0);
            else if (!l->table[fd].again) /* else its turn comes below */
                serve_one(l, fd);
        }
        postponed_turns(l, before);
    }
}

int echo_serve(int listen_fd, int stop_fd) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    signal(SIGPIPE, SIG_IGN);
    struct loop l = {.listener = listen_fd, .size = limit.rlim_cur, .timer = -1, .spare = -1};
    l.table = calloc(l.size, sizeof *l.table);
    l.turns = calloc(2 * l.size, sizeof *l.turns);
    l.epoll = epoll_create1(EPOLL_CLOEXEC);
    int result = -ENOMEM;
    if (l.table && l.turns) {
        l.timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
        bool ready = l.epoll >= 0 && l.timer >= 0 && !control(&l, EPOLL_CTL_ADD, stop_fd, EPOLLIN) &&
                     !control(&l, EPOLL_CTL_ADD, l.timer, EPOLLIN) && !control(&l, EPOLL_CTL_ADD, listen_fd, EPOLLIN);
        if (ready) l.spare = fcntl(l.epoll, F_DUPFD_CLOEXEC, 0);
        result = ready ? run(&l, stop_fd) : -errno;
        for (size_t fd = 0; fd < l.size; fd++)
            if (l.table[fd].open) close_connection(&l, (int)fd);
    }
    if (l.spare >= 0) close(l.spare);
    if (l.timer >= 0) close(l.timer);
    if (l.epoll >= 0) close(l.epoll);
    free(l.turns);
    free(l.table);
    return result;
}
