/* SPDX-License-Identifier: MIT */
/* queue.h -- kevent over epoll: a kqueue and its entries. README.md has the limits.
 *
 * Each filter has edges of its own, so readers and writers are watched by an epoll
 * each; a third one, whose descriptor is the kqueue's, watches these two, a timerfd
 * for each timer, and an eventfd for user events. */
#ifndef C10KATA_KQUEUE_H
#define C10KATA_KQUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/event.h>

/* `set` is what the program gave. A closed descriptor takes its watch along and
 * leaves its entry: what epoll does not know is not there. */
struct entry {
    struct kevent set;
    bool there, disabled, triggered;
    int timer; /* its timerfd, or -1 */
};

struct queue {
    int outer, user;
    struct side {
        int epoll;
        struct entry *of_fd; /* by descriptor */
        size_t length;
    } side[2];            /* readers, writers */
    struct entry *others; /* timers and user events; few */
    size_t other_count;
};

enum { READERS, WRITERS };

/* Numbers in the outer epoll: below these, timers by their place in `others`. */
#define USER_EVENTS (UINT64_MAX - 2)
#define SIDE(n) (UINT64_MAX - (n))

#define EV_MANNER (EV_CLEAR | EV_ONESHOT | EV_DISPATCH)

/* NULL with EBADF. */
struct queue *queue_of(int fd);
/* entries.c: NULL: not there; made: no memory. */
struct entry *entry_find(struct queue *, const struct kevent *);
struct entry *entry_make(struct queue *, const struct kevent *);
/* Takes it out; 0, or what epoll_ctl says of a descriptor that was closed. */
int entry_drop(struct queue *, struct entry *);
/* Asks epoll for what it wants now; `add`: also if epoll does not know the descriptor. 0, or an errno. */
int entry_arm(struct queue *, struct entry *, bool add);
/* Makes user events visible to the outer epoll. */
void queue_ring(struct queue *);

/* changes.c: 0, or an errno. */
int queue_change(struct queue *, const struct kevent *);
/* events.c: those that there are. -1: EINTR and its kin. */
int queue_collect(struct queue *, struct kevent *events, int most, int timeout_ms);

#endif
