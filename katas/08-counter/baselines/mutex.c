/* SPDX-License-Identifier: MIT */
/* mutex.c -- the baseline: one number, and a mutex around it: always right, whatever happens.
 *
 * What it does not do is what the contract asks beside: a thread that is paused while it holds the lock stops all
 * others, and all of them write the lock's line. Read it before you start; the throughput metrics compare your counter
 * with this one. */
#include "counter.h"

#include <pthread.h>
#include <stdlib.h>

struct counter {
    pthread_mutex_t lock;
    int64_t sum;
};

struct counter *counter_new(void) {
    struct counter *c = malloc(sizeof *c);
    if (!c) return NULL;
    if (pthread_mutex_init(&c->lock, NULL) != 0) {
        free(c);
        return NULL;
    }
    c->sum = 0;
    return c;
}

/* Through unsigned numbers, which wrap. */
void counter_add(struct counter *c, int64_t n) {
    pthread_mutex_lock(&c->lock);
    c->sum = (int64_t)((uint64_t)c->sum + (uint64_t)n);
    pthread_mutex_unlock(&c->lock);
}

int64_t counter_read(struct counter *c) {
    pthread_mutex_lock(&c->lock);
    int64_t sum = c->sum;
    pthread_mutex_unlock(&c->lock);
    return sum;
}

void counter_free(struct counter *c) {
    if (!c) return;
    pthread_mutex_destroy(&c->lock);
    free(c);
}
