/* SPDX-License-Identifier: MIT */
/* The list is a chain through the watches themselves: a wait writes into each watch what
 * it is ready for and chains it; a watch that is deleted leaves the chain at once, as it
 * leaves everything else. So no line can be out of date. Watches are found by a hash of
 * the descriptor. poll keeps those that rest, with a negative number; what is deleted
 * leaves a hole, which the next wait closes. */
#include "mux.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#define BITS (MUX_IN | MUX_OUT)

struct watch {
    struct watch *same_hash, *turn_next, *turn_before;
    mux_callback *callback;
    void *context;
    int fd;
    unsigned events, ready; /* ready: in the chain, unless 0 */
    size_t slot;
};

struct mux {
    enum mux_kind kind;
    int epoll;
    struct watch *first, *last; /* of the chain: whose turn is still to come */
    struct watch **buckets;
    size_t buckets_size, count;
    struct watch **of_slot; /* in any order; NULL is a hole */
    struct pollfd *polled;
    struct epoll_event *told;
    size_t slots, holes, room;
};

static struct watch **bucket(struct mux *m, int fd) {
    return &m->buckets[((uint32_t)fd * 2654435769u >> 7) & (m->buckets_size - 1)];
}

static struct watch *look_up(struct mux *m, int fd) {
    struct watch *w = *bucket(m, fd);
    while (w && w->fd != fd) w = w->same_hash;
    return w;
}

static int rehash(struct mux *m) {
    size_t old_size = m->buckets_size, size = old_size ? 2 * old_size : 8;
    struct watch **old = m->buckets, **wider = calloc(size, sizeof(struct watch *));
    if (!wider) return -ENOMEM;
    m->buckets = wider, m->buckets_size = size;
    for (size_t i = 0; i < old_size; i++)
        for (struct watch *w = old[i], *next; w; w = next) {
            next = w->same_hash, w->same_hash = *bucket(m, w->fd);
            *bucket(m, w->fd) = w;
        }
    free(old);
    return 0;
}

static void close_holes(struct mux *m) {
    size_t to = 0;
    for (size_t from = 0; m->holes > 0 && from < m->slots; from++) {
        if (!m->of_slot[from]) continue;
        m->of_slot[to] = m->of_slot[from], m->of_slot[to]->slot = to;
        if (m->polled) m->polled[to] = m->polled[from];
        to++;
    }
    if (m->holes > 0) m->slots = to, m->holes = 0;
}

static int make_room(struct mux *m) {
    if (m->count >= m->buckets_size && rehash(m)) return -ENOMEM;
    if (m->slots == m->room && m->holes > m->room / 2) close_holes(m);
    if (m->slots < m->room) return 0;
    size_t room = 2 * m->room + 2;
    struct watch **of_slot = realloc(m->of_slot, room * sizeof(struct watch *));
    if (of_slot) m->of_slot = of_slot;
    struct pollfd *polled = m->kind == MUX_POLL ? realloc(m->polled, room * sizeof *polled) : NULL;
    if (polled) m->polled = polled;
    struct epoll_event *told = m->kind == MUX_EPOLL ? realloc(m->told, room * sizeof *told) : NULL;
    if (told) m->told = told;
    if (!of_slot || (m->kind == MUX_POLL && !polled) || (m->kind == MUX_EPOLL && !told)) return -ENOMEM;
    m->room = room;
    return 0;
}

struct mux *mux_new(enum mux_kind kind) {
    int error = EINVAL;
    struct mux *m = NULL;
    if (kind == MUX_SELECT || kind == MUX_POLL || kind == MUX_EPOLL) error = ENOMEM, m = calloc(1, sizeof *m);
    if (m) m->kind = kind, m->epoll = -1;
    if (m && kind == MUX_EPOLL && (m->epoll = epoll_create1(EPOLL_CLOEXEC)) < 0) error = errno;
    if (m && (kind != MUX_EPOLL || m->epoll >= 0) && rehash(m) == 0 && make_room(m) == 0) return m;
    mux_free(m);
    errno = error;
    return NULL;
}

static short polled_for(unsigned events) {
    return (short)((events & MUX_IN ? POLLIN : 0) | (events & MUX_OUT ? POLLOUT : 0));
}

/* From what the kernel knows to what it shall know. */
static int inform(struct mux *m, struct watch *w, unsigned before, unsigned after) {
    if (m->kind == MUX_POLL)
        m->polled[w->slot] = (struct pollfd){.fd = after ? w->fd : ~w->fd, .events = polled_for(after)};
    if (m->kind != MUX_EPOLL || before == after) return 0;
    struct epoll_event event = {.events = (uint32_t)polled_for(after), .data.ptr = w};
    int how = !before ? EPOLL_CTL_ADD : after ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;
    return epoll_ctl(m->epoll, how, w->fd, &event) ? -errno : 0;
}

int mux_add(struct mux *m, int fd, unsigned events, mux_callback *callback, void *context) {
    if ((events & BITS) != events || callback == NULL) return -EINVAL;
    if (fcntl(fd, F_GETFD) < 0) return -errno;
    if (m->kind == MUX_SELECT && fd > FD_SETSIZE - 1) return -ERANGE;
    if (look_up(m, fd)) return -EEXIST;
    struct watch *w = calloc(1, sizeof *w);
    if (!w || make_room(m)) {
        free(w);
        return -ENOMEM;
    }
    w->fd = fd, w->events = events, w->callback = callback, w->context = context;
    w->slot = m->slots;
    int error = inform(m, w, 0, events);
    if (error) {
        free(w);
        return error;
    }
    m->of_slot[m->slots++] = w;
    w->same_hash = *bucket(m, fd), *bucket(m, fd) = w;
    m->count++;
    return 0;
}

int mux_mod(struct mux *m, int fd, unsigned events) {
    if ((events & BITS) != events) return -EINVAL;
    struct watch *w = look_up(m, fd);
    if (!w) return -ENOENT;
    int error = inform(m, w, w->events, events);
    if (!error) w->events = events;
    return error;
}

static void leave_chain(struct mux *m, struct watch *w) {
    if (!w->ready) return;
    *(w->turn_before ? &w->turn_before->turn_next : &m->first) = w->turn_next;
    *(w->turn_next ? &w->turn_next->turn_before : &m->last) = w->turn_before;
    w->ready = 0, w->turn_next = w->turn_before = NULL;
}

int mux_del(struct mux *m, int fd) {
    struct watch *w = look_up(m, fd), **at = bucket(m, fd);
    if (!w) return -ENOENT;
    (void)inform(m, w, w->events, 0); /* what is there can be taken away */
    leave_chain(m, w);
    while (*at != w) at = &(*at)->same_hash;
    *at = w->same_hash;
    m->of_slot[w->slot] = NULL, m->holes++, m->count--;
    if (w->slot == m->slots - 1) m->slots--, m->holes--;
    free(w);
    return 0;
}

static void chain(struct mux *m, struct watch *w, int in, int out) {
    w->ready = ((in ? MUX_IN : 0u) | (out ? MUX_OUT : 0u)) & w->events;
    if (!w->ready) return;
    w->turn_before = m->last, w->turn_next = NULL;
    *(m->last ? &m->last->turn_next : &m->first) = w;
    m->last = w;
}

static int ask_select(struct mux *m, int timeout_ms) {
    fd_set in, out;
    struct timeval time = {timeout_ms / 1000, timeout_ms % 1000 * 1000};
    int highest = -1;
    FD_ZERO(&in);
    FD_ZERO(&out);
    for (size_t i = 0; i < m->slots; i++) {
        int fd = m->of_slot[i]->fd;
        if (m->of_slot[i]->events & MUX_IN) FD_SET(fd, &in);
        if (m->of_slot[i]->events & MUX_OUT) FD_SET(fd, &out);
        highest = fd > highest ? fd : highest;
    }
    int n = select(highest + 1, &in, &out, NULL, timeout_ms < 0 ? NULL : &time);
    for (size_t i = 0; n > 0 && i < m->slots; i++)
        chain(m, m->of_slot[i], FD_ISSET(m->of_slot[i]->fd, &in), FD_ISSET(m->of_slot[i]->fd, &out));
    return n;
}

static int ask_poll(struct mux *m, int timeout_ms) {
    int n = poll(m->polled, m->slots, timeout_ms);
    for (size_t i = 0; n > 0 && i < m->slots; i++) {
        int now = m->polled[i].revents;
        chain(m, m->of_slot[i], now & (POLLIN | POLLHUP | POLLERR), now & (POLLOUT | POLLERR));
    }
    return n;
}

static int ask_epoll(struct mux *m, int timeout_ms) {
    int n = epoll_wait(m->epoll, m->told, (int)m->room, timeout_ms);
    for (int i = 0; i < n; i++)
        chain(m, m->told[i].data.ptr, m->told[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR),
              m->told[i].events & (EPOLLOUT | EPOLLERR));
    return n;
}

static uint64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int ask(struct mux *m, int timeout_ms) {
    static int (*const ways[])(struct mux *, int) = {ask_select, ask_poll, ask_epoll};
    uint64_t began = now_us();
    for (int left_ms = timeout_ms;;) {
        if (ways[m->kind](m, left_ms) >= 0) return 0;
        if (errno != EINTR) return -errno;
        if (timeout_ms <= 0) continue;
        uint64_t passed_ms = (now_us() - began) / 1000; /* rounded down, so the rest is rounded up */
        left_ms = passed_ms < (uint64_t)timeout_ms ? timeout_ms - (int)passed_ms : 0;
    }
}

int mux_wait(struct mux *m, int timeout_ms) {
    if (m->kind != MUX_EPOLL) close_holes(m);
    int error = ask(m, timeout_ms), made = 0;
    for (struct watch *w; (w = m->first);) {
        unsigned events = w->ready & w->events;
        leave_chain(m, w);
        if (!events) continue;
        w->callback(m, w->fd, events, w->context);
        made++;
    }
    return error ? error : made;
}

void mux_free(struct mux *m) {
    if (!m) return;
    for (size_t i = 0; i < m->slots; i++) free(m->of_slot[i]);
    if (m->epoll >= 0) close(m->epoll);
    free(m->buckets);
    free(m->of_slot);
    free(m->polled);
    free(m->told);
    free(m);
}
