/* SPDX-License-Identifier: MIT */
/* numbers_given_back.c -- a thread holds a number while it lives, and gives it back when it ends: so threads share a
 * sum only when there are more of them than numbers. Whoever adds, does so by an operator of an _Atomic object, in the
 * order of all others: the strongest, and on x86 the same instruction. */
#include "counter.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#define CACHE_LINE 64
#define NUMBERS 120

struct counter {
    struct {
        alignas(CACHE_LINE) _Atomic uint64_t sum;
    } shards[NUMBERS];
};

static atomic_bool held[NUMBERS];
static atomic_uint turn;              /* among those who find no number of their own */
static _Thread_local unsigned number; /* counted from 1; 0: none yet */
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool have_key;

/* The value is the number. */
static void give_back(void *value) {
    held[(uintptr_t)value - 1] = false;
    number = 0; /* another destructor may still add */
}

static void make_key(void) {
    have_key = pthread_key_create(&key, give_back) == 0;
}

struct counter *counter_new(void) {
    pthread_once(&once, make_key);
    struct counter *c = aligned_alloc(CACHE_LINE, sizeof *c);
    for (int i = 0; c && i < NUMBERS; i++) c->shards[i].sum = 0;
    return c;
}

/* One that nobody holds; when there is none, or it could not be given back, any. */
static unsigned take_number(void) {
    for (unsigned i = 0; have_key && i < NUMBERS; i++) {
        if (held[i] || atomic_exchange(&held[i], true)) continue;
        if (pthread_setspecific(key, (void *)(uintptr_t)(i + 1)) == 0) return i + 1;
        held[i] = false;
        break;
    }
    return 1 + turn++ % NUMBERS;
}

void counter_add(struct counter *c, int64_t n) {
    if (number == 0) number = take_number();
    c->shards[number - 1].sum += (uint64_t)n;
}

int64_t counter_read(struct counter *c) {
    uint64_t sum = 0;
    for (int i = 0; i < NUMBERS; i++) sum += c->shards[i].sum;
    return (int64_t)sum;
}

void counter_free(struct counter *c) {
    free(c);
}
