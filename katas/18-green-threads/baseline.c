/* SPDX-License-Identifier: MIT */
/* baseline.c -- the interface of green threads in front of the kernel's: the
 * simple, right, costly way. Each green thread is a thread of pthreads, and waits as
 * those do; a worker is whatever processor is free. */
#include "green.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define NS_PER_S UINT64_C(1000000000)

struct green {
    pthread_t thread;
    void (*run)(void *);
    void *arg;
    struct green *older, *newer;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct green *newest; /* of those that nobody has joined */

static void *run(void *green) {
    struct green *g = green;
    g->run(g->arg);
    return NULL;
}

struct green *green_go(void (*function)(void *), void *arg) {
    struct green *g = malloc(sizeof *g);
    if (!g) return NULL;
    *g = (struct green){.run = function, .arg = arg};
    pthread_mutex_lock(&lock);
    int problem = pthread_create(&g->thread, NULL, run, g);
    if (!problem) {
        g->older = newest;
        if (newest) newest->newer = g;
        newest = g;
    }
    pthread_mutex_unlock(&lock);
    if (!problem) return g;
    free(g);
    return NULL;
}

void green_join(struct green *g) {
    pthread_mutex_lock(&lock);
    if (g->newer)
        g->newer->older = g->older;
    else
        newest = g->older;
    if (g->older) g->older->newer = g->newer;
    pthread_mutex_unlock(&lock);
    pthread_join(g->thread, NULL);
    free(g);
}

static struct green *next_left(void) {
    pthread_mutex_lock(&lock);
    struct green *g = newest;
    pthread_mutex_unlock(&lock);
    return g;
}

int green_run(size_t workers, void (*first)(void *), void *arg) {
    if (workers == 0 || workers > 64) return -EINVAL;
    struct green *g = green_go(first, arg);
    if (!g) return -ENOMEM;
    green_join(g);
    while ((g = next_left())) green_join(g);
    return 0;
}

void green_yield(void) {
    sched_yield();
}

void green_sleep(uint64_t ns) {
    struct timespec t = {(time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S)};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &t) == EINTR) continue;
}

static void wait_for(int fd, short events) {
    (void)poll(&(struct pollfd){fd, events, 0}, 1, -1);
}

ssize_t green_read(int fd, void *into, size_t size) {
    for (;;) {
        ssize_t n = recv(fd, into, size, MSG_DONTWAIT);
        if (n >= 0 || (errno != EAGAIN && errno != EINTR)) return n < 0 ? -errno : n;
        wait_for(fd, POLLIN);
    }
}

ssize_t green_write(int fd, const void *from, size_t size) {
    for (;;) {
        ssize_t n = send(fd, from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n >= 0 || (errno != EAGAIN && errno != EINTR)) return n < 0 ? -errno : n;
        wait_for(fd, POLLOUT);
    }
}

int green_accept(int fd) {
    for (;;) {
        int n = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (n >= 0 || (errno != EAGAIN && errno != EINTR)) return n < 0 ? -errno : n;
        wait_for(fd, POLLIN);
    }
}

struct chan {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t capacity, oldest, count;
    bool closed;
    uint64_t numbers[];
};

struct chan *chan_new(size_t capacity) {
    if (capacity == 0 || capacity > SIZE_MAX / 16) return NULL;
    struct chan *c = calloc(1, sizeof *c + capacity * sizeof(uint64_t));
    if (!c) return NULL;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->changed, NULL);
    c->capacity = capacity;
    return c;
}

bool chan_send(struct chan *c, uint64_t number) {
    pthread_mutex_lock(&c->lock);
    while (!c->closed && c->count == c->capacity) pthread_cond_wait(&c->changed, &c->lock);
    bool open = !c->closed;
    if (open) c->numbers[(c->oldest + c->count++) % c->capacity] = number;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
    return open;
}

bool chan_receive(struct chan *c, uint64_t *number) {
    pthread_mutex_lock(&c->lock);
    while (!c->closed && c->count == 0) pthread_cond_wait(&c->changed, &c->lock);
    bool any = c->count > 0;
    if (any) {
        *number = c->numbers[c->oldest];
        c->oldest = (c->oldest + 1) % c->capacity;
        c->count--;
    }
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
    return any;
}

void chan_close(struct chan *c) {
    pthread_mutex_lock(&c->lock);
    c->closed = true;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
}

void chan_free(struct chan *c) {
    if (!c) return;
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->lock);
    free(c);
}
