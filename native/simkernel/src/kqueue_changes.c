/* SPDX-License-Identifier: MIT */
/* kqueue_changes.c -- the changes of kevent, one after the other. */
#include "calls.h"
#include "kqueue.h"

#include <errno.h>

static const struct world_rule manner = {
    "manner", "an entry keeps EV_CLEAR, EV_ONESHOT and EV_DISPATCH as it was made with them",
    "which EV_ADD is for an entry that is there already? Systems differ in what becomes of its flags."};

static bool of_file(const struct kevent *c) {
    return c->filter == EVFILT_READ || c->filter == EVFILT_WRITE;
}

/* A connection that cannot be watched counts as memory refused; of all else, what
 * the driver made to fail. 0, or the errno. */
static int refused(const struct file *file) {
    if (!file || file->kind != STREAM) return made_to_fail("kevent") ? errno : 0;
    if (!world_faults.refused_watches || !world_one_in(world_faults.refused_watches)) return 0;
    world_refused_memory++;
    return ENOMEM;
}

static void of_user(struct knote *n, const struct kevent *c) {
    unsigned how = c->fflags & NOTE_FFCTRLMASK, bits = c->fflags & NOTE_FFLAGSMASK;
    if (how == NOTE_FFAND) n->set.fflags &= bits;
    if (how == NOTE_FFOR) n->set.fflags |= bits;
    if (how == NOTE_FFCOPY) n->set.fflags = bits;
    if (c->fflags & NOTE_TRIGGER) n->triggered = true;
}

/* EV_ADD: what an entry is given, new or not. */
static void set(struct knote *n, const struct kevent *c) {
    n->set.flags = c->flags & EV_MANNER, n->set.udata = c->udata;
    if (c->filter != EVFILT_USER) n->set.fflags = c->fflags, n->set.data = c->data;
    if (c->filter == EVFILT_TIMER) knote_timer(n);
}

static int find_or_make(struct file *queue, struct file *file, const struct kevent *c, struct knote **n) {
    *n = knote_find(queue, c);
    if (*n && c->flags & EV_ADD && ((*n)->set.flags ^ c->flags) & EV_MANNER)
        world_fail(&manner, "EV_ADD for descriptor %lu, whose filter %d is there already with other flags: %x, now %x",
                   (unsigned long)c->ident, c->filter, (*n)->set.flags & EV_MANNER, c->flags & EV_MANNER);
    if (*n) return 0;
    if (!(c->flags & EV_ADD)) return ENOENT;
    int error = refused(file);
    if (!error && !(*n = knote_new(queue, file, c))) error = ENOMEM;
    return error;
}

static void only_known(const struct kevent *c) {
    const unsigned flags = EV_ADD | EV_DELETE | EV_ENABLE | EV_DISABLE | EV_RECEIPT | EV_MANNER | EV_ERROR | EV_EOF;
    if (c->flags & ~flags) not_modelled("kevent", "one of the flags");
    if (of_file(c) && c->fflags & ~(unsigned)NOTE_LOWAT) not_modelled("kevent", "one of the fflags of this filter");
    if (c->filter == EVFILT_TIMER && c->fflags & ~15u) not_modelled("kevent", "one of the fflags of EVFILT_TIMER");
}

/* 0, or the errno. */
static int change(struct file *queue, const struct kevent *c) {
    if (!of_file(c) && c->filter != EVFILT_TIMER && c->filter != EVFILT_USER) return EINVAL;
    only_known(c);
    struct file *file = of_file(c) ? descriptor_file((int)c->ident) : NULL;
    if (of_file(c) && !file) return EBADF;
    if (file && (file->kind == EPOLL || file->kind == KQUEUE || file->kind == PLAIN))
        not_modelled("kevent", "a filter on a descriptor that is no socket, pipe, eventfd or timerfd");
    if (c->filter == EVFILT_TIMER && c->data < 0) return EINVAL;
    struct knote *n;
    if (c->flags & EV_DELETE) return (n = knote_find(queue, c)) ? knote_drop(n), 0 : ENOENT;
    int error = find_or_make(queue, file, c, &n);
    if (error) return error;
    if (c->flags & EV_ADD) set(n, c);
    if (c->filter == EVFILT_USER) of_user(n, c);
    if (c->flags & EV_DISABLE)
        knote_disable(n);
    else if (c->flags & (EV_ADD | EV_ENABLE))
        n->disabled = false;
    knote_look(n);
    return 0;
}

int kqueue_change_all(struct file *queue, const struct kevent *changes, int count, struct kevent *events, int most) {
    int told = 0;
    for (int i = 0; i < count; i++) {
        int error = change(queue, &changes[i]);
        if (!error && !(changes[i].flags & EV_RECEIPT)) continue;
        if (told == most) {
            errno = error;
            if (error) return -1;
            continue;
        }
        events[told] = changes[i];
        events[told].flags = EV_ERROR | (world_one_in(2) ? changes[i].flags : 0); /* FreeBSD's way, and macOS's */
        events[told++].data = error;
    }
    return told;
}
