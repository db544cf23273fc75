/* SPDX-License-Identifier: MIT */
/* Watches are blocks of their own, and the kernel's answer is a list of pointers. What is
 * deleted during a wait is marked dead and freed when the wait is over, so that a pointer
 * on the list is never stale. Sets and arrays for select and poll are made anew for each
 * wait. With epoll a watch that rests stays in the kernel, edge-triggered and for
 * nothing: a hangup wakes the wait once, and it sleeps on. */
#include "mux.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

struct watch {
    struct watch *next, *previous; /* of all; of the dead */
    int fd;
    unsigned events, ready;
    bool dead;
    mux_callback *callback;
    void *context;
};

struct mux {
    enum mux_kind kind;
    int epoll;
    bool waiting;
    struct watch all, *dead; /* a ring; a list */
    struct watch **by_fd;
    int by_fd_size;
    size_t count, room;
    struct watch **list;
    struct pollfd *polled;
    struct epoll_event *told;
};

static bool resize(void *array, size_t count, size_t size) {
    void **place = array, *larger = reallocarray(*place, count, size);
    if (larger) *place = larger;
    return larger != NULL;
}

static bool more_room(struct mux *m) {
    if (m->count < m->room) return true;
    size_t room = m->room * 3 / 2 + 4;
    if (!resize(&m->list, room, sizeof *m->list)) return false;
    if (m->kind == MUX_POLL && !resize(&m->polled, room, sizeof *m->polled)) return false;
    if (m->kind == MUX_EPOLL && !resize(&m->told, room, sizeof *m->told)) return false;
    m->room = room;
    return true;
}

struct mux *mux_new(enum mux_kind kind) {
    if ((unsigned)kind > MUX_EPOLL) return errno = EINVAL, NULL;
    struct mux *m = calloc(1, sizeof *m);
    if (!m) return NULL;
    m->kind = kind, m->epoll = -1;
    m->all.next = m->all.previous = &m->all;
    if (!more_room(m)) {
        mux_free(m);
        return errno = ENOMEM, NULL;
    }
    if (kind == MUX_EPOLL && (m->epoll = epoll_create1(EPOLL_CLOEXEC)) < 0) {
        int error = errno;
        mux_free(m);
        return errno = error, NULL;
    }
    return m;
}

static struct watch *find(struct mux *m, int fd) {
    return fd >= 0 && fd < m->by_fd_size ? m->by_fd[fd] : NULL;
}

static int tell_kernel(struct mux *m, int how, struct watch *w, unsigned events) {
    if (m->kind != MUX_EPOLL) return 0;
    uint32_t asked = (events & MUX_IN ? EPOLLIN : 0u) | (events & MUX_OUT ? EPOLLOUT : 0u);
    struct epoll_event event = {.events = asked ? asked : EPOLLET, .data.ptr = w};
    return epoll_ctl(m->epoll, how, w->fd, &event) ? -errno : 0;
}

static bool widen(struct mux *m, int fd) {
    if (fd < m->by_fd_size) return true;
    int size = fd + fd / 2 + 8;
    if (!resize(&m->by_fd, (size_t)size, sizeof *m->by_fd)) return false;
    while (m->by_fd_size < size) m->by_fd[m->by_fd_size++] = NULL;
    return true;
}

static bool is_wrong(unsigned events) {
    return (events | MUX_IN | MUX_OUT) != (MUX_IN | MUX_OUT);
}

int mux_add(struct mux *m, int fd, unsigned events, mux_callback *callback, void *context) {
    if (is_wrong(events) || !callback) return -EINVAL;
    if (find(m, fd)) return -EEXIST;
    if (fcntl(fd, F_GETFD) == -1) return -EBADF;
    if (m->kind == MUX_SELECT && fd >= FD_SETSIZE) return -ERANGE;
    if (!more_room(m) || !widen(m, fd)) return -ENOMEM;
    struct watch *w = malloc(sizeof *w);
    if (!w) return -ENOMEM;
    *w = (struct watch){m->all.next, &m->all, fd, events, 0, false, callback, context};
    int error = tell_kernel(m, EPOLL_CTL_ADD, w, events);
    if (error) {
        free(w);
        return error;
    }
    m->all.next->previous = w, m->all.next = w, m->by_fd[fd] = w;
    m->count++;
    return 0;
}

int mux_mod(struct mux *m, int fd, unsigned events) {
    if (is_wrong(events)) return -EINVAL;
    struct watch *w = find(m, fd);
    if (!w) return -ENOENT;
    int error = tell_kernel(m, EPOLL_CTL_MOD, w, events);
    if (!error) w->events = events;
    return error;
}

int mux_del(struct mux *m, int fd) {
    struct watch *w = find(m, fd);
    if (!w) return -ENOENT;
    (void)tell_kernel(m, EPOLL_CTL_DEL, w, 0); /* it is there */
    w->next->previous = w->previous, w->previous->next = w->next;
    m->by_fd[fd] = NULL, m->count--;
    w->dead = true;
    if (!m->waiting) {
        free(w);
        return 0;
    }
    w->next = m->dead, m->dead = w;
    return 0;
}

static size_t list_if(struct mux *m, size_t n, struct watch *w, bool in, bool out) {
    w->ready = ((in ? MUX_IN : 0u) | (out ? MUX_OUT : 0u)) & w->events;
    if (w->ready) m->list[n++] = w;
    return n;
}

static long ask_select(struct mux *m, const struct timespec *time) {
    fd_set in, out;
    int highest = -1;
    FD_ZERO(&in);
    FD_ZERO(&out);
    for (struct watch *w = m->all.next; w != &m->all; w = w->next) {
        if (w->events & MUX_IN) FD_SET(w->fd, &in);
        if (w->events & MUX_OUT) FD_SET(w->fd, &out);
        if (w->fd > highest) highest = w->fd;
    }
    if (pselect(highest + 1, &in, &out, NULL, time, NULL) < 0) return -errno;
    size_t n = 0;
    for (struct watch *w = m->all.next; w != &m->all; w = w->next)
        n = list_if(m, n, w, FD_ISSET(w->fd, &in), FD_ISSET(w->fd, &out));
    return (long)n;
}

static long ask_poll(struct mux *m, const struct timespec *time) {
    size_t at = 0, n = 0;
    for (struct watch *w = m->all.next; w != &m->all; w = w->next, at++) {
        m->polled[at] = (struct pollfd){.fd = w->events ? w->fd : -1};
        m->polled[at].events = (short)((w->events & MUX_IN ? POLLIN : 0) | (w->events & MUX_OUT ? POLLOUT : 0));
    }
    if (ppoll(m->polled, at, time, NULL) < 0) return -errno;
    at = 0;
    for (struct watch *w = m->all.next; w != &m->all; w = w->next, at++) {
        short now = m->polled[at].revents;
        n = list_if(m, n, w, now & (POLLIN | POLLHUP | POLLERR), now & (POLLOUT | POLLERR));
    }
    return (long)n;
}

static long ask_epoll(struct mux *m, const struct timespec *time) {
    int ms = time ? (int)(time->tv_sec * 1000 + (time->tv_nsec + 999999) / 1000000) : -1;
    int told = epoll_wait(m->epoll, m->told, (int)m->room, ms);
    if (told < 0) return -errno;
    size_t n = 0;
    for (struct epoll_event *e = m->told; e < m->told + told; e++)
        n = list_if(m, n, e->data.ptr, e->events & (EPOLLIN | EPOLLHUP | EPOLLERR), e->events & (EPOLLOUT | EPOLLERR));
    return told > 0 && n == 0 ? -EINTR : (long)n;
}

/* What is left until `end`; nothing if that is past. */
static struct timespec left_until(struct timespec end) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    struct timespec left = {end.tv_sec - now.tv_sec, end.tv_nsec - now.tv_nsec};
    if (left.tv_nsec < 0) left.tv_sec--, left.tv_nsec += 1000000000;
    return left.tv_sec < 0 ? (struct timespec){0, 0} : left;
}

static long ask(struct mux *m, int timeout_ms) {
    static long (*const ways[])(struct mux *, const struct timespec *) = {ask_select, ask_poll, ask_epoll};
    struct timespec end, left = {timeout_ms / 1000, timeout_ms % 1000 * 1000000l};
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += left.tv_sec, end.tv_nsec += left.tv_nsec;
    if (end.tv_nsec >= 1000000000) end.tv_sec++, end.tv_nsec -= 1000000000;
    long n;
    while ((n = ways[m->kind](m, timeout_ms < 0 ? NULL : &left)) == -EINTR) {
        if (timeout_ms >= 0 && left.tv_sec == 0 && left.tv_nsec == 0) return 0;
        if (timeout_ms > 0) left = left_until(end);
    }
    return n;
}

int mux_wait(struct mux *m, int timeout_ms) {
    long n = ask(m, timeout_ms);
    int made = 0;
    m->waiting = true;
    for (long i = 0; i < n; i++) {
        struct watch *w = m->list[i];
        if (w->dead || !(w->ready & w->events)) continue;
        w->callback(m, w->fd, w->ready & w->events, w->context);
        made++;
    }
    m->waiting = false;
    for (struct watch *w; (w = m->dead);) {
        m->dead = w->next;
        free(w);
    }
    return n < 0 ? (int)n : made;
}

void mux_free(struct mux *m) {
    if (!m) return;
    for (struct watch *w = m->all.next, *next; w != &m->all; w = next) {
        next = w->next;
        free(w);
    }
    if (m->epoll >= 0) close(m->epoll);
    free(m->by_fd);
    free(m->list);
    free(m->polled);
    free(m->told);
    free(m);
}
