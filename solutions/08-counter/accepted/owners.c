/* SPDX-License-Identifier: MIT */
/* owners.c -- a thread owns a seat while it lives, and nobody else writes the sums of that seat: an add is a load and a
 * store, both plain moves on x86, and no read-modify-write at all.
 *
 * Seats are the process's: a bit each in `taken`. A thread takes one at its first add and gives it back when it ends,
 * by the destructor of a thread-specific value; what was added stays in the seat. When all are taken, threads share the
 * last one and add to it atomically. */
#include "counter.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#define CACHE_LINE 64
#define SEATS 64          /* a bit each */
#define SHARED_SEAT SEATS /* one more, for everybody else */

struct counter {
    struct {
        alignas(CACHE_LINE) _Atomic uint64_t sum;
    } seats[SEATS + 1];
};

static _Atomic uint64_t taken;
static _Thread_local unsigned seat; /* counted from 1; 0: none yet */
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool have_key; /* else no seat could ever be given back, and all share one */

/* The value is the seat, counted from 1. Release: who takes the seat next finds in it all that this thread added. */
static void give_back(void *value) {
    atomic_fetch_and_explicit(&taken, ~(UINT64_C(1) << ((uintptr_t)value - 1)), memory_order_release);
    seat = 0; /* another destructor may still add */
}

static void make_key(void) {
    have_key = pthread_key_create(&key, give_back) == 0;
}

struct counter *counter_new(void) {
    pthread_once(&once, make_key);
    struct counter *c = aligned_alloc(CACHE_LINE, sizeof *c);
    for (int i = 0; c && i <= SEATS; i++) atomic_init(&c->seats[i].sum, 0);
    return c;
}

/* Acquire: pairs with the release of the seat's last owner. Fails as often as another thread takes or gives a seat: it
 * tries as often as there are seats, and shares one then. */
static unsigned take_seat(void) {
    uint64_t before = atomic_load_explicit(&taken, memory_order_relaxed);
    for (int tries = 0; have_key && tries < SEATS && before != UINT64_MAX; tries++) {
        unsigned free_one = (unsigned)__builtin_ctzll(~before);
        uint64_t after = before | UINT64_C(1) << free_one;
        if (!atomic_compare_exchange_weak_explicit(&taken, &before, after, memory_order_acquire, memory_order_relaxed))
            continue;
        if (pthread_setspecific(key, (void *)(uintptr_t)(free_one + 1)) == 0) return free_one + 1;
        atomic_fetch_and_explicit(&taken, ~(UINT64_C(1) << free_one), memory_order_release);
        break;
    }
    return SHARED_SEAT + 1;
}

void counter_add(struct counter *c, int64_t n) {
    if (seat == 0) seat = take_seat();
    _Atomic uint64_t *sum = &c->seats[seat - 1].sum;
    if (seat == SHARED_SEAT + 1) {
        atomic_fetch_add_explicit(sum, (uint64_t)n, memory_order_relaxed);
        return;
    }
    /* Nobody else writes it: what was loaded is still there. */
    uint64_t before = atomic_load_explicit(sum, memory_order_relaxed);
    atomic_store_explicit(sum, before + (uint64_t)n, memory_order_relaxed);
}

int64_t counter_read(struct counter *c) {
    uint64_t sum = 0;
    for (int i = 0; i <= SEATS; i++) sum += atomic_load_explicit(&c->seats[i].sum, memory_order_relaxed);
    return (int64_t)sum;
}

void counter_free(struct counter *c) {
    free(c);
}
