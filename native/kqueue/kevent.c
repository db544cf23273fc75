/* SPDX-License-Identifier: MIT */
/* kevent.c -- the two calls, and close, which is how a kqueue ends: the programs
 * are linked with --wrap=close. A kqueue is one thread's at a time. */
#include "queue.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { NUMBERS = 1 << 16 };
static _Atomic(struct queue *) queues[NUMBERS]; /* by descriptor */

int __real_close(int fd);
int __wrap_close(int fd);

struct queue *queue_of(int fd) {
    struct queue *q = fd >= 0 && fd < NUMBERS ? atomic_load(&queues[fd]) : NULL;
    if (!q) errno = EBADF;
    return q;
}

static int queue_free(struct queue *q) {
    for (struct entry *e = q->others; e < q->others + q->other_count; e++)
        if (e->there) entry_drop(q, e);
    for (int i = 0; i < 2; i++) {
        if (q->side[i].epoll >= 0) __real_close(q->side[i].epoll);
        free(q->side[i].of_fd);
    }
    if (q->user >= 0) __real_close(q->user);
    int answer = q->outer >= 0 ? __real_close(q->outer) : 0;
    free(q->others);
    free(q);
    return answer;
}

static bool watch_inside(struct queue *q, int fd, uint64_t number) {
    struct epoll_event e = {EPOLLIN, {.u64 = number}};
    return fd >= 0 && epoll_ctl(q->outer, EPOLL_CTL_ADD, fd, &e) == 0;
}

int kqueue(void) {
    struct queue *q = calloc(1, sizeof *q);
    if (!q) return -1;
    q->outer = epoll_create1(EPOLL_CLOEXEC), q->user = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    bool whole = q->outer >= 0 && watch_inside(q, q->user, USER_EVENTS);
    for (int i = 0; i < 2; i++) {
        q->side[i].epoll = epoll_create1(EPOLL_CLOEXEC);
        whole = whole && watch_inside(q, q->side[i].epoll, SIDE((unsigned)i));
    }
    if (whole && q->outer < NUMBERS) {
        atomic_store(&queues[q->outer], q);
        return q->outer;
    }
    int error = whole ? EMFILE : errno;
    queue_free(q);
    errno = error;
    return -1;
}

int __wrap_close(int fd) {
    struct queue *q = fd >= 0 && fd < NUMBERS ? atomic_load(&queues[fd]) : NULL;
    if (!q) return __real_close(fd);
    atomic_store(&queues[fd], NULL);
    return queue_free(q);
}

/* EV_ERRORs; -1: one for which there is no room. */
static int change_all(struct queue *q, const struct kevent *changes, int count, struct kevent *events, int most) {
    int told = 0;
    for (int i = 0; i < count; i++) {
        int error = queue_change(q, &changes[i]);
        if (!error && !(changes[i].flags & EV_RECEIPT)) continue;
        if (told == most) {
            errno = error;
            if (error) return -1;
            continue;
        }
        events[told] = changes[i];
        events[told].flags = EV_ERROR, events[told++].data = error;
    }
    return told;
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int wait_for_events(struct queue *q, struct kevent *events, int most, const struct timespec *timeout) {
    int64_t ms = !timeout ? -1 : (int64_t)timeout->tv_sec * 1000 + (timeout->tv_nsec + 999999) / 1000000;
    int64_t until = ms > 0 ? now_ms() + ms : 0;
    for (;;) {
        int found = queue_collect(q, events, most, (int)ms);
        if (found != 0 || ms == 0) return found;
        if (ms > 0) ms = until > now_ms() ? until - now_ms() : 0;
    }
}

int kevent(int queue, const struct kevent *changes, int count, struct kevent *events, int most,
           const struct timespec *timeout) {
    struct queue *q = queue_of(queue);
    if (!q) return -1;
    if (count < 0 || most < 0) {
        errno = EINVAL;
        return -1;
    }
    int told = change_all(q, changes, count, events, most);
    return told != 0 || most == 0 ? told : wait_for_events(q, events, most, timeout);
}
