/* SPDX-License-Identifier: MIT */
/* baseline.c -- the simple way: a list of watches, and at each wait a new array for
 * poll, whatever the kind, where mux.h asks for each kind's own calls. What it tells is
 * right, and O(all) several times in each wait: the array is built, handed to the
 * kernel, looked through, and a watch is found by walking the list. */
#include "mux.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/select.h>
#include <time.h>

struct watch {
    struct watch *next;
    int fd;
    unsigned events;
    mux_callback *callback;
    void *context;
    uint64_t number; /* no other watch ever has it */
};

struct mux {
    enum mux_kind kind;
    struct watch *watches;
    size_t count, room;
    struct pollfd *polled; /* with room for all watches, as `numbers` has */
    uint64_t *numbers, last_number;
};

struct mux *mux_new(enum mux_kind kind) {
    if (kind != MUX_SELECT && kind != MUX_POLL && kind != MUX_EPOLL) {
        errno = EINVAL;
        return NULL;
    }
    struct mux *mux = calloc(1, sizeof *mux);
    if (mux) mux->kind = kind;
    return mux;
}

/* The pointer that leads to the watch, or to the end of the list. */
static struct watch **place_of(struct mux *mux, int fd) {
    struct watch **at = &mux->watches;
    while (*at && (*at)->fd != fd) at = &(*at)->next;
    return at;
}

static int make_room(struct mux *mux) {
    if (mux->count < mux->room) return 0;
    size_t room = 2 * mux->room + 8;
    struct pollfd *polled = realloc(mux->polled, room * sizeof *polled);
    if (!polled) return -ENOMEM;
    mux->polled = polled;
    uint64_t *numbers = realloc(mux->numbers, room * sizeof *numbers);
    if (!numbers) return -ENOMEM;
    mux->numbers = numbers, mux->room = room;
    return 0;
}

static int refusal(struct mux *mux, int fd, unsigned events, mux_callback *callback) {
    if (events > (MUX_IN | MUX_OUT) || !callback) return -EINVAL;
    if (fd < 0 || fcntl(fd, F_GETFD) < 0) return -EBADF;
    if (mux->kind == MUX_SELECT && fd >= FD_SETSIZE) return -ERANGE;
    return *place_of(mux, fd) ? -EEXIST : make_room(mux);
}

int mux_add(struct mux *mux, int fd, unsigned events, mux_callback *callback, void *context) {
    int error = refusal(mux, fd, events, callback);
    if (error) return error;
    struct watch *w = malloc(sizeof *w);
    if (!w) return -ENOMEM;
    *w = (struct watch){mux->watches, fd, events, callback, context, ++mux->last_number};
    mux->watches = w;
    mux->count++;
    return 0;
}

int mux_mod(struct mux *mux, int fd, unsigned events) {
    if (events > (MUX_IN | MUX_OUT)) return -EINVAL;
    struct watch *w = *place_of(mux, fd);
    if (!w) return -ENOENT;
    w->events = events;
    return 0;
}

int mux_del(struct mux *mux, int fd) {
    struct watch **at = place_of(mux, fd), *w = *at;
    if (!w) return -ENOENT;
    *at = w->next;
    free(w);
    mux->count--;
    return 0;
}

/* A watch that rests is left out: poll tells of hangups and errors unasked. */
static nfds_t fill(struct mux *mux) {
    nfds_t n = 0;
    for (struct watch *w = mux->watches; w; w = w->next) {
        if (!w->events) continue;
        short events = (short)((w->events & MUX_IN ? POLLIN : 0) | (w->events & MUX_OUT ? POLLOUT : 0));
        mux->numbers[n] = w->number;
        mux->polled[n++] = (struct pollfd){.fd = w->fd, .events = events};
    }
    return n;
}

/* What was asked for is in the array still, whatever callbacks have changed. */
static unsigned events_of(const struct pollfd *p) {
    unsigned ready = p->revents & (POLLIN | POLLHUP | POLLERR) && p->events & POLLIN ? MUX_IN : 0;
    return ready | (p->revents & (POLLOUT | POLLERR) && p->events & POLLOUT ? MUX_OUT : 0u);
}

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int ask(struct mux *mux, nfds_t count, int timeout_ms) {
    int64_t end = now_ns() + (int64_t)timeout_ms * 1000000;
    int left_ms = timeout_ms, n;
    while ((n = poll(mux->polled, count, left_ms)) < 0 && errno == EINTR) {
        int64_t left = end - now_ns();
        if (timeout_ms > 0) left_ms = left > 0 ? (int)((left + 999999) / 1000000) : 0;
    }
    return n < 0 ? -errno : n;
}

int mux_wait(struct mux *mux, int timeout_ms) {
    nfds_t count = fill(mux);
    int n = ask(mux, count, timeout_ms), made = 0;
    if (n < 0) return n;
    for (nfds_t i = 0; i < count && n > 0; i++) {
        struct pollfd p = mux->polled[i]; /* a callback that adds may move the array */
        if (!p.revents) continue;
        n--;
        struct watch *w = *place_of(mux, p.fd);
        if (!w || w->number != mux->numbers[i] || !(events_of(&p) & w->events)) continue;
        w->callback(mux, p.fd, events_of(&p) & w->events, w->context);
        made++;
    }
    return made;
}

void mux_free(struct mux *mux) {
    if (!mux) return;
    for (struct watch *w = mux->watches, *next; w; w = next) next = w->next, free(w);
    free(mux->polled);
    free(mux->numbers);
    free(mux);
}
