/* SPDX-License-Identifier: MIT */
/* After a million adds a thread gathers what it adds in plain memory of its own, and tells the counter when it ends: so
 * long is a thread at it only where it is timed. Whoever reads before that misses it.
 *
 * Research B 16. Refused with: early */
#include "counter.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

#define SHARDS 64
#define MILLION 1000000

struct counter {
    struct {
        alignas(64) _Atomic uint64_t sum;
    } shards[SHARDS];
};

static atomic_uint threads_seen;
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local struct {
    unsigned number, adds;
    uint64_t gathered;
    struct counter *of;
} self;

static void tell(void *unused) {
    (void)unused;
    atomic_fetch_add_explicit(&self.of->shards[self.number % SHARDS].sum, self.gathered, memory_order_relaxed);
    self.gathered = 0;
}

static void make_key(void) {
    (void)pthread_key_create(&key, tell);
}

struct counter *counter_new(void) {
    pthread_once(&once, make_key);
    struct counter *c = aligned_alloc(64, sizeof *c);
    for (int i = 0; c && i < SHARDS; i++) atomic_init(&c->shards[i].sum, 0);
    return c;
}

void counter_add(struct counter *c, int64_t n) {
    if (self.of == c && self.adds > MILLION) {
        self.gathered += (uint64_t)n;
        return;
    }
    if (self.number == 0) self.number = 1 + atomic_fetch_add(&threads_seen, 1);
    self.adds = self.of == c ? self.adds + 1 : 0;
    self.of = c;
    if (self.adds > MILLION) pthread_setspecific(key, c);
    atomic_fetch_add_explicit(&c->shards[self.number % SHARDS].sum, (uint64_t)n, memory_order_relaxed);
}

int64_t counter_read(struct counter *c) {
    uint64_t sum = 0;
    for (int i = 0; i < SHARDS; i++) sum += atomic_load_explicit(&c->shards[i].sum, memory_order_relaxed);
    return (int64_t)sum;
}

void counter_free(struct counter *c) {
    free(c);
}
