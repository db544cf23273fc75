/* SPDX-License-Identifier: MIT */
/* baseline.c -- the simple, correct, slow way: a mutex around the sum. */
#include <pthread.h>
#include <stdlib.h>

#include "thing.h"

struct thing {
    pthread_mutex_t lock;
    uint64_t sum;
};

struct thing *thing_new(void) {
    struct thing *thing = calloc(1, sizeof *thing);
    if (thing) pthread_mutex_init(&thing->lock, NULL);
    return thing;
}

void thing_add(struct thing *thing, uint64_t n) {
    pthread_mutex_lock(&thing->lock);
    thing->sum += n;
    pthread_mutex_unlock(&thing->lock);
}

uint64_t thing_sum(struct thing *thing) {
    pthread_mutex_lock(&thing->lock);
    uint64_t sum = thing->sum;
    pthread_mutex_unlock(&thing->lock);
    return sum;
}

void thing_free(struct thing *thing) {
    if (!thing) return;
    pthread_mutex_destroy(&thing->lock);
    free(thing);
}
