/* SPDX-License-Identifier: MIT */
/* scenarios.c -- the list of scenarios on real descriptors, and what they share. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#include "driver.h"
#include "evidence.h"
#include "scenario.h"

const struct scenario scenarios[] = {
    {"one_byte", one_byte}, {"growth", growth}, {"real", real}, {"bench", bench}, {"cost", cost}, {NULL, NULL},
};

void raise_limit(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit); /* refused: there are fewer descriptors, and event_fd() says so */
}

int event_fd(uint64_t count) {
    int fd = eventfd((unsigned)count, EFD_NONBLOCK | EFD_CLOEXEC);
    if (fd < 0) abort();
    return fd;
}

int silent_fd(void) {
    return event_fd(0);
}

struct mux *new_mux(uint64_t kind) {
    struct mux *mux = mux_new((enum mux_kind)kind);
    if (mux) return mux;
    evidence_broken_off("mux_new", "answered NULL, with memory and descriptors to be had", "a mux", "mux_new");
}

void add_watch(struct mux *mux, int fd, unsigned events, mux_callback *callback, void *context) {
    if (mux_add(mux, fd, events, callback, context) == 0) return;
    evidence_broken_off("mux_add", "refused an open descriptor", "0", "mux_add");
}
