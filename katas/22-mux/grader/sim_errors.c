/* SPDX-License-Identifier: MIT */
/* sim_errors.c -- what is refused, by which name, and that nothing has changed by it. */
#include "sim.h"

#include <errno.h>
#include <limits.h>
#include <sys/select.h>

static const struct world_rule answer = {"answers", "NULL, and errno says why",
                                         "mux_new: what does errno hold at each return of NULL?"};
static const struct world_rule kept = {"kept", "after NULL nothing is kept",
                                       "mux_new: what was there already when the last step failed?"};

static mux_callback *const ready = on_ready;

static void wrong_events(void) {
    static const unsigned wrong[] = {4, 8, 7, 1u << 31, UINT_MAX};
    unsigned events = wrong[world_choose(5)];
    struct thing *watched = thing_any(true), *free = thing_new(EVENT);
    if (watched && world_choose(2)) answered(mux_mod(story.mux, watched->fd, events), -EINVAL, "mux_mod", watched->fd);
    if (!free) return;
    answered(mux_add(story.mux, free->fd, events, ready, NULL), -EINVAL, "mux_add", free->fd);
    answered(mux_mod(story.mux, free->fd, MUX_IN), -ENOENT, "mux_mod", free->fd);
}

static void no_callback(void) {
    struct thing *t = thing_new(EVENT);
    if (!t) return;
    answered(mux_add(story.mux, t->fd, MUX_OUT, NULL, NULL), -EINVAL, "mux_add", t->fd);
    watch_add(t, MUX_OUT);
}

/* Also at rest, where no kernel is asked. */
static void not_open(void) {
    static const int numbers[] = {-1, -1000, INT_MIN, 900, INT_MAX, 100000};
    int fd = numbers[world_choose(story.kind == MUX_SELECT ? 4 : 6)];
    unsigned events = world_choose(4);
    answered(mux_add(story.mux, fd, events, ready, NULL), -EBADF, "mux_add", fd);
    answered(mux_mod(story.mux, fd, events), -ENOENT, "mux_mod", fd);
    answered(mux_del(story.mux, fd), -ENOENT, "mux_del", fd);
}

/* The first watch stays, with its events and its context. */
static void twice(void) {
    struct thing *t = thing_any(true);
    if (!t) return;
    unsigned events = world_choose(2) ? t->watched.events : any_events(t);
    answered(mux_add(story.mux, t->fd, events, ready, NULL), -EEXIST, "mux_add", t->fd);
}

static void not_watched(void) {
    struct thing *t = thing_any(true);
    if (t && world_choose(2)) watch_del(t);
    if (!t) t = thing_new(EVENT);
    if (!t || t->watched.on) return;
    answered(mux_del(story.mux, t->fd), -ENOENT, "mux_del", t->fd);
    answered(mux_mod(story.mux, t->fd, world_choose(2) ? 0 : thing_may_ask(t)), -ENOENT, "mux_mod", t->fd);
}

/* FD_SETSIZE - 1 is the last that select takes; the others take all. */
static void beyond(void) {
    static const int first[] = {FD_SETSIZE, FD_SETSIZE - 1, 1500};
    world_faults.first_descriptor = first[world_choose(3)];
    struct thing *t = thing_new(EVENT);
    world_faults.first_descriptor = 0;
    if (!t) return;
    if (t->fd < FD_SETSIZE || story.kind != MUX_SELECT) {
        watch_add(t, any_events(t));
        return;
    }
    answered(mux_add(story.mux, t->fd, world_choose(4), ready, NULL), -ERANGE, "mux_add", t->fd);
    answered(mux_del(story.mux, t->fd), -ENOENT, "mux_del", t->fd);
    thing_close(t);
}

static void fail_once(const char *call, int error) {
    world_faults.failing_call = call, world_faults.failing_errno = error, world_faults.failing_after = 0;
}

static void kernel_refuses_add(int error) {
    struct thing *t = thing_new(EVENT);
    if (!t) return;
    fail_once("epoll_ctl", error);
    answered(mux_add(story.mux, t->fd, MUX_IN, ready, NULL), -error, "mux_add", t->fd);
    answered(mux_mod(story.mux, t->fd, MUX_IN), -ENOENT, "mux_mod", t->fd);
}

/* To come back from rest may need the kernel, or not. */
static void kernel_refuses_mod(int error) {
    struct thing *t = thing_any(true);
    if (!t) return;
    watch_mod(t, 0);
    fail_once("epoll_ctl", error);
    int told = mux_mod(story.mux, t->fd, thing_may_ask(t));
    bool refused = !world_faults.failing_call;
    world_faults.failing_call = NULL;
    answered(told, refused ? -error : 0, "mux_mod", t->fd);
    if (told == 0) t->watched.events = thing_may_ask(t);
}

static void kernel_refuses(void) {
    if (story.kind != MUX_EPOLL) return;
    int error = world_choose(2) ? ENOSPC : ENOMEM;
    world_choose(2) ? kernel_refuses_add(error) : kernel_refuses_mod(error);
    world_faults.failing_call = NULL;
}

static void no_mux(enum mux_kind kind, int error, const char *what) {
    int before = world_open_descriptors();
    errno = 0;
    struct mux *mux = mux_new(kind);
    int told = errno;
    if (mux && kind == MUX_EPOLL && world_faults.failing_call) { /* made without this call */
        mux_free(mux);
        return;
    }
    if (mux) world_fail(&answer, "mux_new -> a mux, %s", what);
    if (told != error)
        world_fail(&answer, "mux_new -> NULL, errno %s and not %s, %s", told ? error_text(told) : "not set",
                   error_text(error), what);
    if (world_open_descriptors() != before) world_fail(&kept, "a descriptor is left open, %s", what);
    world_check_memory();
}

static void refused_mux(void) {
    int error = world_choose(2) ? EMFILE : ENOMEM;
    if (story.kind != MUX_EPOLL || world_choose(2)) {
        no_mux((enum mux_kind)(world_choose(2) ? 3 : -1), EINVAL, "for no such kind");
        return;
    }
    fail_once("epoll_create1", error);
    no_mux(MUX_EPOLL, error, "when epoll_create1 fails");
    world_faults.failing_call = NULL;
}

void errors(void) {
    static void (*const kinds[])(void) = {wrong_events, no_callback, not_open,      twice,
                                          not_watched,  beyond,      kernel_refuses};
    for (unsigned n = 2 + world_choose(6); n > 0; n--) {
        for (unsigned acts = world_choose(4); acts > 0; acts--) act();
        kinds[world_choose(7)]();
        wait_some_time();
    }
    story_end();
    if (world_choose(2)) refused_mux();
}
