/* SPDX-License-Identifier: MIT */
/* peer: libev (ev_io, the backend chosen by its flag)
 * package: libev-dev
 * libraries: -lev
 * metrics: epoll poll select */
#include "mux.h"

#include <ev.h>
#include <stdlib.h>

struct mux {
    struct ev_loop *loop;
    int made;
};

struct watch {
    ev_io io;
    mux_callback *callback;
    void *context;
};

struct mux *mux_new(enum mux_kind kind) {
    static const unsigned backends[] = {EVBACKEND_SELECT, EVBACKEND_POLL, EVBACKEND_EPOLL};
    struct mux *mux = calloc(1, sizeof *mux);
    mux->loop = ev_loop_new(backends[kind] | EVFLAG_NOENV);
    ev_set_userdata(mux->loop, mux);
    return mux;
}

static void on_io(struct ev_loop *loop, ev_io *io, int what) {
    struct watch *w = (struct watch *)io;
    struct mux *mux = ev_userdata(loop);
    mux->made++;
    w->callback(mux, io->fd, (what & EV_READ ? MUX_IN : 0u) | (what & EV_WRITE ? MUX_OUT : 0u), w->context);
}

/* For the benchmark alone: watches stay, and end with the process. */
int mux_add(struct mux *mux, int fd, unsigned events, mux_callback *callback, void *context) {
    struct watch *w = calloc(1, sizeof *w);
    w->callback = callback, w->context = context;
    ev_io_init(&w->io, on_io, fd, (events & MUX_IN ? EV_READ : 0) | (events & MUX_OUT ? EV_WRITE : 0));
    ev_io_start(mux->loop, &w->io);
    return 0;
}

int mux_wait(struct mux *mux, int timeout_ms) {
    mux->made = 0;
    ev_run(mux->loop, timeout_ms == 0 ? EVRUN_NOWAIT : EVRUN_ONCE);
    return mux->made;
}

void mux_free(struct mux *mux) {
    ev_loop_destroy(mux->loop);
    free(mux);
}
