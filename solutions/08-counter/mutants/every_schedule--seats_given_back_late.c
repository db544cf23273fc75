/* SPDX-License-Identifier: MIT */
/* seats_given_back_late.c -- each thread owns a seat in each counter that it adds to, and gives its seats back when it
 * ends. A counter may have been freed by then, though its threads live
 * on: the bit is cleared in memory that is another's. A learner sees something else change, much later. */
#include "counter.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

#define SEATS 63
#define KNOWN 8

struct counter {
    alignas(64) _Atomic uint64_t taken;
    struct {
        alignas(64) _Atomic uint64_t sum;
    } seats[SEATS + 1];
};

static _Thread_local struct {
    struct counter *counter;
    unsigned seat;
} known[KNOWN];
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void give_back(void *unused) {
    (void)unused;
    for (int i = 0; i < KNOWN; i++)
        if (known[i].counter)
            atomic_fetch_and_explicit(&known[i].counter->taken, ~(UINT64_C(1) << known[i].seat), memory_order_release);
}
static void make_key(void) {
    (void)pthread_key_create(&key, give_back);
}
struct counter *counter_new(void) {
    pthread_once(&once, make_key);
    struct counter *c = aligned_alloc(64, sizeof *c);
    if (!c) return NULL;
    atomic_init(&c->taken, 0);
    for (int i = 0; i <= SEATS; i++) atomic_init(&c->seats[i].sum, 0);
    return c;
}
static unsigned take_seat(struct counter *c) {
    uint64_t before = atomic_load_explicit(&c->taken, memory_order_relaxed);
    for (int tries = 0; tries < 64; tries++) {
        if ((before | UINT64_C(1) << 63) == UINT64_MAX) break;
        unsigned at = (unsigned)__builtin_ctzll(~before);
        if (atomic_compare_exchange_strong_explicit(&c->taken, &before, before | UINT64_C(1) << at,
                                                    memory_order_acquire, memory_order_relaxed))
            return at;
    }
    return SEATS;
}
void counter_add(struct counter *c, int64_t n) {
    unsigned at = KNOWN;
    for (unsigned i = 0; i < KNOWN; i++)
        if (known[i].counter == c) at = i;
    if (at == KNOWN) {
        for (unsigned i = 0; i < KNOWN; i++)
            if (!known[i].counter) at = i;
        unsigned seat = at == KNOWN ? SEATS : take_seat(c);
        if (seat == SEATS) {
            atomic_fetch_add_explicit(&c->seats[SEATS].sum, (uint64_t)n, memory_order_relaxed);
            return;
        }
        known[at].counter = c, known[at].seat = seat;
        pthread_setspecific(key, &known);
    }
    atomic_fetch_add_explicit(&c->seats[known[at].seat].sum, (uint64_t)n, memory_order_relaxed);
}
int64_t counter_read(struct counter *c) {
    uint64_t sum = 0;
    for (int i = 0; i <= SEATS; i++) sum += atomic_load_explicit(&c->seats[i].sum, memory_order_relaxed);
    return (int64_t)sum;
}
void counter_free(struct counter *c) {
    free(c);
}
