/* SPDX-License-Identifier: MIT */
#include "queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

static bool of_file(const struct kevent *e) {
    return e->filter == EVFILT_READ || e->filter == EVFILT_WRITE;
}

static struct side *side_of(struct queue *q, const struct kevent *e) {
    return &q->side[e->filter == EVFILT_READ ? READERS : WRITERS];
}

struct entry *entry_find(struct queue *q, const struct kevent *e) {
    if (of_file(e)) {
        struct side *s = side_of(q, e);
        return e->ident < s->length && s->of_fd[e->ident].there ? &s->of_fd[e->ident] : NULL;
    }
    for (struct entry *o = q->others; o < q->others + q->other_count; o++)
        if (o->there && o->set.ident == e->ident && o->set.filter == e->filter) return o;
    return NULL;
}

/* At least `length` entries, the new ones empty; false: no memory. */
static bool grow(struct entry **entries, size_t *length, size_t wanted) {
    if (wanted <= *length) return true;
    size_t more = wanted + wanted / 2 + 16;
    struct entry *grown = realloc(*entries, more * sizeof *grown);
    if (!grown) return false;
    memset(grown + *length, 0, (more - *length) * sizeof *grown);
    *entries = grown, *length = more;
    return true;
}

struct entry *entry_make(struct queue *q, const struct kevent *e) {
    struct entry *made;
    if (of_file(e)) {
        struct side *s = side_of(q, e);
        if (!grow(&s->of_fd, &s->length, (size_t)e->ident + 1)) return NULL;
        made = &s->of_fd[e->ident];
    } else {
        size_t at = 0;
        while (at < q->other_count && q->others[at].there) at++;
        if (!grow(&q->others, &q->other_count, at + 1)) return NULL;
        made = &q->others[at];
    }
    *made = (struct entry){.set = {.ident = e->ident, .filter = e->filter}, .there = true, .timer = -1};
    return made;
}

int entry_drop(struct queue *q, struct entry *e) {
    int answer = of_file(&e->set) ? epoll_ctl(side_of(q, &e->set)->epoll, EPOLL_CTL_DEL, (int)e->set.ident, NULL) : 0;
    int error = answer < 0 ? errno : 0;
    if (e->timer >= 0) close(e->timer); /* which takes its watch along */
    e->there = false;
    return error;
}

/* ENOENT: epoll knows nothing of a descriptor that was closed and given out again. */
static int watch(int epoll, int fd, uint32_t events, uint64_t number, bool add) {
    struct epoll_event e = {events, {.u64 = number}};
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &e) == 0) return 0;
    if (errno != ENOENT || !add) return errno;
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) == 0 ? 0 : errno;
}

/* EPOLLET where nothing is asked for: a broken connection is told once then, not for ever. */
static uint32_t manner(const struct entry *e, uint32_t events) {
    if (e->disabled) return EPOLLET;
    if (e->set.flags & EV_CLEAR) events |= EPOLLET;
    if (e->set.flags & (EV_ONESHOT | EV_DISPATCH)) events |= EPOLLONESHOT;
    return events;
}

static int arm_file(struct queue *q, const struct entry *e, bool add) {
    int fd = (int)e->set.ident, low = (int)e->set.data;
    bool reads = e->set.filter == EVFILT_READ;
    if (reads && e->set.fflags & NOTE_LOWAT) setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &low, sizeof low);
    uint32_t events = manner(e, reads ? EPOLLIN | EPOLLRDHUP : EPOLLOUT);
    return watch(side_of(q, &e->set)->epoll, fd, events, e->set.ident, add);
}

static int arm_timer(struct queue *q, struct entry *e) {
    if (e->timer < 0) e->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (e->timer < 0) return errno;
    return watch(q->outer, e->timer, manner(e, EPOLLIN), (uint64_t)(e - q->others), true);
}

int entry_arm(struct queue *q, struct entry *e, bool add) {
    if (of_file(&e->set)) return arm_file(q, e, add);
    if (e->set.filter == EVFILT_TIMER) return arm_timer(q, e);
    if (e->triggered && !e->disabled) queue_ring(q);
    return 0;
}

void queue_ring(struct queue *q) {
    eventfd_write(q->user, 1); /* full is readable, too */
}
