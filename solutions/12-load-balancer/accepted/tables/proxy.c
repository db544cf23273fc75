/* SPDX-License-Identifier: MIT */
/* proxy.c -- another right design: a table by descriptor, level-triggered watches that ask for what is wanted
 * now, and a buffer of its own for each connection. A timer that ticks as long as somebody connects finds
 * those that are late.
 *
 * What is watched level-triggered and has failed would be told again and again: it is watched no more, and
 * read on whenever the other one has room. */
#include "proxy.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 16384, EVENTS = 32, TICK_MS = 20, CLIENT = -1, SPARE = -2 };

struct end {
    int other; /* its descriptor; SPARE: closed already, or there never was one */
    int pick;  /* CLIENT, or the backend's index */
    uint32_t asked, life;
    uint64_t called_ns;
    struct in_addr address;
    size_t from, to; /* of `bytes`: read from here, not yet written to the other one */
    bool open, connects, watched, ended, failed, shut;
    char *bytes;
};

struct proxy {
    int epoll_fd, listen_fd, stop_fd, timer_fd;
    struct balancer *lb;
    const struct sockaddr_in *backends;
    uint64_t timeout_ms;
    struct end *ends; /* by descriptor */
    int size, connecting;
    uint32_t lives;
    bool ticking, closed_door;
};

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static struct end *end_of(struct proxy *p, int fd) {
    return fd >= 0 && fd < p->size && p->ends[fd].open ? &p->ends[fd] : NULL;
}

static void tick(struct proxy *p, bool on) {
    if (p->ticking == on) return;
    p->ticking = on;
    struct timespec every = {0, on ? TICK_MS * 1000000 : 0};
    timerfd_settime(p->timer_fd, 0, &(struct itimerspec){every, every}, NULL);
}

static void ticks_wanted(struct proxy *p) {
    tick(p, p->connecting > 0 || p->closed_door);
}

static int add(struct proxy *p, int fd, uint32_t events) {
    struct epoll_event e = {.events = events, .data.u64 = (uint32_t)fd};
    return epoll_ctl(p->epoll_fd, EPOLL_CTL_ADD, fd, &e);
}

/* A place in the table; false: no memory. */
static bool open_end(struct proxy *p, int fd, int pick, struct in_addr address) {
    if (fd >= p->size) {
        int size = fd * 2 + 16;
        struct end *more = realloc(p->ends, (size_t)size * sizeof *more);
        if (!more) return false;
        memset(more + p->size, 0, (size_t)(size - p->size) * sizeof *more);
        p->ends = more, p->size = size;
    }
    char *bytes = malloc(ROOM);
    if (!bytes) return false;
    p->ends[fd] = (struct end){.other = SPARE, .pick = pick, .address = address, .open = true, .bytes = bytes};
    p->ends[fd].life = ++p->lives;
    return true;
}

static void close_end(struct proxy *p, int fd, bool reset, bool failed) {
    struct end *e = end_of(p, fd);
    if (!e) return;
    struct end *o = end_of(p, e->other);
    if (reset) setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
    close(fd);
    p->connecting -= e->connects;
    int pick = e->pick;
    free(e->bytes);
    *e = (struct end){.open = false};
    if (o) o->other = SPARE;
    if (pick >= 0) lb_done(p->lb, pick, failed);
}

static void end_both(struct proxy *p, int fd, bool reset) {
    struct end *e = end_of(p, fd), *o = end_of(p, e->other);
    bool failed = (e->pick >= 0 && e->failed) || (o && o->pick >= 0 && o->failed);
    if (o) close_end(p, e->other, reset, failed);
    close_end(p, fd, reset, failed);
}

static bool watch(struct proxy *p, int fd, uint32_t events) {
    struct end *e = &p->ends[fd];
    struct epoll_event event = {.events = events, .data.u64 = (uint64_t)e->life << 32 | (uint32_t)fd};
    if (e->watched && e->asked == events) return true;
    if (epoll_ctl(p->epoll_fd, e->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) < 0) return false;
    e->watched = true, e->asked = events;
    return true;
}

static void unwatch(struct proxy *p, int fd) {
    if (p->ends[fd].watched) epoll_ctl(p->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
    p->ends[fd].watched = false;
}

static void find_backend(struct proxy *p, int client) {
    for (;;) {
        struct in_addr address = p->ends[client].address;
        int pick = lb_pick(p->lb, &address.s_addr, sizeof address.s_addr), fd = -1;
        if (pick >= 0) fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0) {
            if (pick >= 0) lb_done(p->lb, pick, false);
            break;
        }
        if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || !open_end(p, fd, pick, address)) {
            close(fd);
            lb_done(p->lb, pick, false);
            break;
        }
        struct end *b = &p->ends[fd], *c = &p->ends[client];
        struct sockaddr_in to = p->backends[pick];
        if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) {
            close_end(p, fd, false, true);
            continue;
        }
        b->connects = true, b->called_ns = now_ns(), p->connecting++;
        b->other = client, c->other = fd;
        if (watch(p, fd, EPOLLOUT) && watch(p, client, 0)) return;
        break;
    }
    end_both(p, client, true);
}

static void connect_failed(struct proxy *p, int backend) {
    int client = p->ends[backend].other;
    close_end(p, backend, false, true);
    find_backend(p, client);
}

/* What was read goes out, as far as there is room. */
static void give(struct end *e, int to, struct end *o) {
    while (e->from < e->to && !o->failed && !o->connects) {
        ssize_t n = write(to, e->bytes + e->from, e->to - e->from);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) return;
        if (n < 0)
            o->failed = true;
        else
            e->from += (size_t)n;
    }
    e->from = e->to = 0;
}

/* As much as fits, once. */
static void take(struct end *e, int fd, const struct end *o) {
    if (e->ended || e->to > 0 || (o && (o->failed || o->connects))) return;
    ssize_t n;
    do {
        n = read(fd, e->bytes, ROOM);
    } while (n < 0 && errno == EINTR);
    if (n > 0) e->to = (size_t)n;
    if (n == 0) e->ended = true;
    if (n < 0 && errno != EAGAIN) e->failed = e->ended = true;
}

static bool is_joined(const struct end *e, const struct end *o) {
    return e && o && !e->connects && !o->connects;
}

static uint32_t wanted(const struct end *e, const struct end *o) {
    uint32_t in = !e->ended && e->to == 0 && o && !o->failed ? EPOLLIN : 0;
    return in | (o && o->to > 0 && !e->failed ? EPOLLOUT : 0);
}

/* One direction: from `fd` to the other one. */
static void pass(struct proxy *p, int fd) {
    struct end *e = end_of(p, fd), *o = e ? end_of(p, e->other) : NULL;
    if (!is_joined(e, o)) return;
    for (int more = e->failed ? 1000 : 1; more > 0; more--) {
        take(e, fd, o);
        bool any = e->to > 0;
        give(e, e->other, o);
        if (!any || e->to > 0) break;
    }
    if (e->ended && !e->failed && e->to == 0 && !o->shut && !o->failed)
        o->failed = shutdown(e->other, SHUT_WR) < 0, o->shut = true;
}

/* It would be told again and again that it has hung up. */
static bool is_quiet(const struct end *e) {
    return e->failed || (e->shut && (e->ended || e->to > 0));
}

/* Is a pair over, or one of its sockets? */
static void settle(struct proxy *p, int fd) {
    struct end *e = end_of(p, fd), *o = e ? end_of(p, e->other) : NULL;
    if (!is_joined(e, o)) return;
    struct end *b = e->pick >= 0 ? e : o, *c = e->pick >= 0 ? o : e;
    if (c->failed || (b->failed && b->ended && b->to == 0)) {
        end_both(p, fd, true);
        return;
    }
    int other = e->other;
    bool e_done = e->ended && e->shut && e->to == 0, o_done = o->ended && o->shut && o->to == 0;
    if (e_done && o_done) {
        end_both(p, fd, false);
        return;
    }
    bool good = true;
    if (is_quiet(e))
        unwatch(p, fd);
    else
        good = watch(p, fd, wanted(e, o));
    if (is_quiet(o))
        unwatch(p, other);
    else
        good = watch(p, other, wanted(o, e)) && good;
    if (!good) end_both(p, fd, true);
}

static void turn(struct proxy *p, int fd, uint32_t events) {
    struct end *e = end_of(p, fd);
    if (e->connects) {
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error) {
            connect_failed(p, fd);
            return;
        }
        e->connects = false, p->connecting--;
    } else if (events & EPOLLERR) {
        e->failed = true;
    }
    struct end *o = end_of(p, e->other);
    if (!is_joined(e, o)) { /* a client whose backend has not answered */
        if (e->failed) end_both(p, fd, true);
        return;
    }
    int other = e->other;
    pass(p, fd), pass(p, other);
    if (p->ends[fd].failed || p->ends[other].failed)
        pass(p, fd), pass(p, other); /* it may have failed behind its pass */
    settle(p, fd);
}

static void door(struct proxy *p) {
    p->closed_door = false;
    for (;;) {
        struct sockaddr_in from;
        socklen_t size = sizeof from;
        int fd = accept(p->listen_fd, (struct sockaddr *)&from, &size);
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
        if (fd < 0) {
            p->closed_door = errno != EAGAIN;
            struct epoll_event e = {.events = p->closed_door ? 0 : EPOLLIN, .data.u64 = (uint32_t)p->listen_fd};
            epoll_ctl(p->epoll_fd, EPOLL_CTL_MOD, p->listen_fd, &e);
            return;
        }
        bool good = fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
        if (good && open_end(p, fd, CLIENT, from.sin_addr))
            find_backend(p, fd);
        else
            close(fd);
    }
}

static void look_at_the_time(struct proxy *p) {
    uint64_t ticks, now = now_ns();
    if (read(p->timer_fd, &ticks, sizeof ticks) < 0) return; /* EAGAIN, EINTR: it is told again */
    for (int fd = 0; fd < p->size; fd++) {
        struct end *e = end_of(p, fd);
        if (e && e->connects && (now - e->called_ns) / 1000000 >= p->timeout_ms) connect_failed(p, fd);
    }
    if (p->closed_door) door(p);
}

static int serve(struct proxy *p) {
    struct epoll_event events[EVENTS];
    for (;;) {
        ticks_wanted(p);
        int n = epoll_wait(p->epoll_fd, events, EVENTS, -1);
        if (n < 0 && errno != EINTR) return -errno;
        for (int i = 0; i < n; i++) {
            int fd = (int)(uint32_t)events[i].data.u64;
            uint32_t life = (uint32_t)(events[i].data.u64 >> 32);
            if (life == 0 && fd == p->stop_fd) return 0;
            if (life == 0 && fd == p->timer_fd) look_at_the_time(p);
            if (life == 0 && fd == p->listen_fd) door(p);
            struct end *e = end_of(p, fd);
            if (life > 0 && e && e->life == life) turn(p, fd, events[i].events);
        }
    }
}

static int begin(struct proxy *p) {
    p->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (p->timer_fd < 0) return -errno;
    if (add(p, p->listen_fd, EPOLLIN) < 0 || add(p, p->stop_fd, EPOLLIN) < 0 || add(p, p->timer_fd, EPOLLIN) < 0)
        return -errno;
    return serve(p);
}

int proxy_serve(int listen_fd, int stop_fd, struct balancer *lb, const struct sockaddr_in *backends,
                uint64_t connect_timeout_ms) {
    struct proxy p = {.listen_fd = listen_fd, .stop_fd = stop_fd, .timer_fd = -1, .lb = lb, .backends = backends};
    p.timeout_ms = connect_timeout_ms;
    p.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (p.epoll_fd < 0) return -errno;
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    sigaction(SIGPIPE, &ignore, &before);
    int result = begin(&p);
    for (int fd = 0; fd < p.size; fd++) close_end(&p, fd, false, false);
    free(p.ends);
    if (p.timer_fd >= 0) close(p.timer_fd);
    close(p.epoll_fd);
    sigaction(SIGPIPE, &before, NULL);
    return result;
}
