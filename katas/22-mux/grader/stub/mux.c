/* SPDX-License-Identifier: MIT */
/* mux.c -- select, poll and epoll behind one interface.
 *
 * This is the only file you edit. The full contract is in mux.h; run
 * `bun kata hint 22` when you are stuck. Each kind is graded by itself: begin with
 * one, and let mux_new refuse the others.
 *
 * What must stay true, whatever the callbacks do:
 *   1. A wait calls back once for each watch that is ready, and for no other.
 *   2. Nobody is told anything after its watch was deleted.
 *   3. A wait with epoll costs what is ready, however many watches there are.
 *
 * Before you type, answer this on paper: the kernel has said that descriptors 5 and
 * 9 are ready. The callback of 5 deletes 9, closes it, opens a file that becomes 9,
 * and adds that. What do you have in your hands now, and how do you know that it is
 * out of date? */
#include "mux.h"

#include <errno.h>
#include <stdlib.h>

struct mux {
    int todo; /* What do the three kinds share? What does each need beside that? */
};

struct mux *mux_new(enum mux_kind kind) {
    (void)kind; /* TODO: which kinds are there yet? */
    return calloc(1, sizeof(struct mux));
}

int mux_add(struct mux *mux, int fd, unsigned events, mux_callback *callback, void *context) {
    (void)mux, (void)fd, (void)events, (void)callback, (void)context;
    return 0; /* TODO: what has to be found again, and by what? */
}

int mux_mod(struct mux *mux, int fd, unsigned events) {
    (void)mux, (void)fd, (void)events;
    return 0; /* TODO: what does the kernel tell of a watch that asks for nothing? */
}

int mux_del(struct mux *mux, int fd) {
    (void)mux, (void)fd;
    return 0; /* TODO: and if a wait still has it on its list? */
}

int mux_wait(struct mux *mux, int timeout_ms) {
    (void)mux, (void)timeout_ms;
    return 0; /* TODO: ask the kernel, then call back. What may a callback change under your hands? */
}

void mux_free(struct mux *mux) {
    free(mux); /* TODO: what else does it own? */
}
