/* SPDX-License-Identifier: MIT */
/* green.c -- green threads: many, on few workers.
 *
 * This is the only file you edit. The full contract is in green.h, what to tell
 * the tools of each switch in switch_notes.h; run `bun kata hint 18` when you are
 * stuck.
 *
 * What must stay true, whatever the workers do:
 *   1. A green thread runs on one worker at a time, and on a stack that nobody else uses.
 *   2. While it waits, for whatever it is, its worker runs others or sleeps.
 *   3. What it waits for is never missed, however near the two come to each other.
 *
 * Before you type, answer this on paper: a thread yields. It puts itself at the
 * end of the queue, and then saves its registers. What may another worker do
 * between the two? */
#include "green.h"
#include "switch_notes.h"

#include <errno.h>
#include <stdlib.h>

struct green {
    int todo; /* What has to be kept of a thread that does not run? Where does its stack lie? */
};

struct chan {
    int todo; /* Who waits at this channel, and in which order? */
};

/* Run first(arg) and all that it starts. */
int green_run(size_t workers, void (*first)(void *), void *arg) {
    (void)workers, (void)first, (void)arg;
    return -ENOSYS; /* TODO: what does a worker do, again and again? */
}

/* Start one more. */
struct green *green_go(void (*run)(void *), void *arg) {
    (void)run, (void)arg;
    return NULL; /* TODO: how does a thread look that has never run? */
}

/* Wait for the end of one. */
void green_join(struct green *thread) {
    (void)thread; /* TODO: what if it ends just now? */
}

/* Let others run. */
void green_yield(void) {
    /* TODO: who puts this thread into the queue, and on which stack? */
}

/* Wait for a time. */
void green_sleep(uint64_t ns) {
    (void)ns; /* TODO: who looks at the clock while all others sleep? */
}

/* Wait for bytes. */
ssize_t green_read(int fd, void *into, size_t size) {
    (void)fd, (void)into, (void)size;
    return -ENOSYS; /* TODO: try; if nothing is there, who tells you when something is? */
}

/* Wait for room. */
ssize_t green_write(int fd, const void *from, size_t size) {
    (void)fd, (void)from, (void)size;
    return -ENOSYS; /* TODO: what if another thread waits for the same descriptor, to read? */
}

/* Wait for a connection. */
int green_accept(int fd) {
    (void)fd;
    return -ENOSYS; /* TODO: what must be true of the new descriptor? */
}

/* An empty channel. */
struct chan *chan_new(size_t capacity) {
    return capacity ? calloc(1, sizeof(struct chan)) : NULL; /* TODO: where do the numbers lie? */
}

/* Send, or wait. */
bool chan_send(struct chan *c, uint64_t number) {
    (void)c, (void)number;
    return false; /* TODO: what if a receiver waits already? */
}

/* Receive, or wait. */
bool chan_receive(struct chan *c, uint64_t *number) {
    (void)c, (void)number;
    return false; /* TODO: what if a sender waits already? */
}

/* No more sends. */
void chan_close(struct chan *c) {
    (void)c; /* TODO: who has to learn of it? */
}

/* Give it back. */
void chan_free(struct chan *c) {
    free(c); /* TODO: what else belongs to it? */
}
