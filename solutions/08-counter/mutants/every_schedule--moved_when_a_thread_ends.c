/* SPDX-License-Identifier: MIT */
/* moved_when_a_thread_ends.c -- each thread has a slot of the counter, and when it ends, a destructor moves what it has
 * added to a common sum, as many programs do. A read that has been at the common sum before, and comes to the slot
 * after, misses it. A learner sees sums that are too small now and then, and right again the next time. */
#include "counter.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

#define SLOTS 100

struct slot {
    alignas(64) _Atomic uint64_t sum;
    atomic_bool used;
    struct counter *owner;
};

struct counter {
    struct slot slots[SLOTS];
    alignas(64) _Atomic uint64_t common;
    pthread_key_t key;
};

static void end_thread(void *value) {
    struct slot *slot = value;
    atomic_fetch_add(&slot->owner->common, atomic_exchange(&slot->sum, 0));
    atomic_store(&slot->used, 0);
}

struct counter *counter_new(void) {
    struct counter *c = aligned_alloc(64, sizeof *c);
    if (!c) return NULL;
    for (struct slot *s = c->slots; s < c->slots + SLOTS; s++) {
        atomic_init(&s->sum, 0);
        atomic_init(&s->used, 0);
        s->owner = c;
    }
    atomic_init(&c->common, 0);
    if (pthread_key_create(&c->key, end_thread) == 0) return c;
    free(c);
    return NULL;
}

static struct slot *slot_of(struct counter *c) {
    struct slot *mine = pthread_getspecific(c->key);
    for (struct slot *s = c->slots; !mine && s < c->slots + SLOTS; s++)
        if (!atomic_exchange(&s->used, 1)) pthread_setspecific(c->key, mine = s);
    return mine;
}

void counter_add(struct counter *c, int64_t n) {
    struct slot *mine = slot_of(c);
    atomic_fetch_add(mine ? &mine->sum : &c->common, (uint64_t)n);
}

int64_t counter_read(struct counter *c) {
    uint64_t sum = atomic_load(&c->common);
    for (struct slot *s = c->slots; s < c->slots + SLOTS; s++) sum += atomic_load(&s->sum);
    return (int64_t)sum;
}

void counter_free(struct counter *c) {
    if (c) pthread_key_delete(c->key);
    free(c);
}
