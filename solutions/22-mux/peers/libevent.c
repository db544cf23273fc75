/* SPDX-License-Identifier: MIT */
/* peer: libevent (persistent events, the method chosen by its name)
 * package: libevent-dev
 * libraries: -levent_core
 * metrics: epoll poll select */
#include "mux.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

struct mux {
    struct event_base *base;
    int made;
};

struct watch {
    struct mux *mux;
    mux_callback *callback;
    void *context;
};

struct mux *mux_new(enum mux_kind kind) {
    static const char *const names[] = {"select", "poll", "epoll"};
    struct mux *mux = calloc(1, sizeof *mux);
    struct event_config *config = event_config_new();
    for (int other = MUX_SELECT; other <= MUX_EPOLL; other++)
        if (other != (int)kind) event_config_avoid_method(config, names[other]);
    mux->base = event_base_new_with_config(config);
    event_config_free(config);
    return mux;
}

static void on_event(evutil_socket_t fd, short what, void *context) {
    struct watch *w = context;
    unsigned events = (what & EV_READ ? MUX_IN : 0u) | (what & EV_WRITE ? MUX_OUT : 0u);
    w->mux->made++;
    w->callback(w->mux, fd, events, w->context);
}

/* For the benchmark alone: watches stay, and end with the process. */
int mux_add(struct mux *mux, int fd, unsigned events, mux_callback *callback, void *context) {
    struct watch *w = malloc(sizeof *w);
    *w = (struct watch){mux, callback, context};
    short what = (short)(EV_PERSIST | (events & MUX_IN ? EV_READ : 0) | (events & MUX_OUT ? EV_WRITE : 0));
    return event_add(event_new(mux->base, fd, what, on_event, w), NULL);
}

int mux_wait(struct mux *mux, int timeout_ms) {
    mux->made = 0;
    event_base_loop(mux->base, timeout_ms == 0 ? EVLOOP_ONCE | EVLOOP_NONBLOCK : EVLOOP_ONCE);
    return mux->made;
}

void mux_free(struct mux *mux) {
    event_base_free(mux->base);
    free(mux);
}
