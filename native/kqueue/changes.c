/* SPDX-License-Identifier: MIT */
/* changes.c -- one change of kevent's list. */
#include "queue.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/timerfd.h>

static int64_t nanoseconds(const struct kevent *e) {
    int64_t unit = e->fflags & NOTE_SECONDS    ? 1000000000
                   : e->fflags & NOTE_USECONDS ? 1000
                   : e->fflags & NOTE_NSECONDS ? 1
                                               : 1000000;
    return e->data > 0 ? e->data * unit : 1;
}

static int start_timer(const struct entry *e) {
    int64_t ns = nanoseconds(&e->set);
    struct timespec first = {ns / 1000000000, ns % 1000000000};
    struct itimerspec when = {e->set.flags & EV_ONESHOT ? (struct timespec){0, 0} : first, first};
    return timerfd_settime(e->timer, 0, &when, NULL) == 0 ? 0 : errno;
}

static void user(struct entry *e, const struct kevent *c) {
    unsigned how = c->fflags & NOTE_FFCTRLMASK, bits = c->fflags & NOTE_FFLAGSMASK;
    if (how == NOTE_FFAND) e->set.fflags &= bits;
    if (how == NOTE_FFOR) e->set.fflags |= bits;
    if (how == NOTE_FFCOPY) e->set.fflags = bits;
    if (c->fflags & NOTE_TRIGGER) e->triggered = true;
}

static int set(struct queue *q, struct entry *e, const struct kevent *c) {
    if (c->flags & EV_ADD) {
        e->set.flags = c->flags & EV_MANNER, e->set.udata = c->udata;
        if (c->filter != EVFILT_USER) e->set.fflags = c->fflags, e->set.data = c->data;
    }
    if (c->flags & EV_DISABLE)
        e->disabled = true;
    else if (c->flags & (EV_ADD | EV_ENABLE))
        e->disabled = false;
    if (c->filter == EVFILT_USER) user(e, c);
    int error = entry_arm(q, e, c->flags & EV_ADD);
    return !error && c->filter == EVFILT_TIMER && c->flags & EV_ADD ? start_timer(e) : error;
}

int queue_change(struct queue *q, const struct kevent *c) {
    bool of_file = c->filter == EVFILT_READ || c->filter == EVFILT_WRITE;
    if (!of_file && c->filter != EVFILT_TIMER && c->filter != EVFILT_USER) return EINVAL;
    if (of_file && fcntl((int)c->ident, F_GETFD) < 0) return EBADF;
    struct entry *e = entry_find(q, c);
    if (c->flags & EV_DELETE) return e ? entry_drop(q, e) : ENOENT;
    if (!e && !(c->flags & EV_ADD)) return ENOENT;
    bool made = !e;
    if (made && !(e = entry_make(q, c))) return ENOMEM;
    int error = set(q, e, c);
    if (error && (made || error == ENOENT)) entry_drop(q, e);
    return error;
}
