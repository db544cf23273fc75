/* SPDX-License-Identifier: MIT */
/* peer: GNU Pth, pth_spawn and pth_cond
 * package: libpth-dev
 * libraries: -lpth
 * metrics: to_and_fro yields starts
 *
 * One kernel thread runs all of them, so one worker is all there is. */
#include "green.h"

#include <pth.h>
#include <stdlib.h>

struct start {
    void (*run)(void *);
    void *arg;
};

static void *begin(void *start) {
    struct start s = *(struct start *)start;
    free(start);
    s.run(s.arg);
    return NULL;
}

struct green *green_go(void (*run)(void *), void *arg) {
    struct start *s = malloc(sizeof *s);
    *s = (struct start){run, arg};
    return (struct green *)pth_spawn(PTH_ATTR_DEFAULT, begin, s);
}

void green_join(struct green *thread) {
    pth_join((pth_t)thread, NULL);
}

void green_yield(void) {
    pth_yield(NULL);
}

int green_run(size_t workers, void (*first)(void *), void *arg) {
    (void)workers;
    if (!pth_init()) return -1;
    green_join(green_go(first, arg));
    return 0;
}

struct chan {
    size_t capacity, oldest, count;
    bool closed;
    pth_mutex_t lock; /* a wait wants one */
    pth_cond_t changed;
    uint64_t numbers[];
};

struct chan *chan_new(size_t capacity) {
    struct chan *c = calloc(1, sizeof *c + capacity * sizeof(uint64_t));
    c->capacity = capacity;
    pth_mutex_init(&c->lock);
    pth_cond_init(&c->changed);
    return c;
}

bool chan_send(struct chan *c, uint64_t number) {
    pth_mutex_acquire(&c->lock, FALSE, NULL);
    while (!c->closed && c->count == c->capacity) pth_cond_await(&c->changed, &c->lock, NULL);
    bool open = !c->closed;
    if (open) c->numbers[(c->oldest + c->count++) % c->capacity] = number;
    pth_cond_notify(&c->changed, TRUE);
    pth_mutex_release(&c->lock);
    return open;
}

bool chan_receive(struct chan *c, uint64_t *number) {
    pth_mutex_acquire(&c->lock, FALSE, NULL);
    while (!c->closed && c->count == 0) pth_cond_await(&c->changed, &c->lock, NULL);
    bool any = c->count > 0;
    if (any) *number = c->numbers[c->oldest], c->oldest = (c->oldest + 1) % c->capacity, c->count--;
    pth_cond_notify(&c->changed, TRUE);
    pth_mutex_release(&c->lock);
    return any;
}

void chan_close(struct chan *c) {
    c->closed = true;
    pth_cond_notify(&c->changed, TRUE);
}

void chan_free(struct chan *c) {
    free(c);
}
