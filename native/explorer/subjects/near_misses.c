/* SPDX-License-Identifier: MIT
 *
 * near_misses.c -- correct programs that look wrong at first sight. Each has a wrong twin.
 *
 * planted 1 (race): threads one after another use one stack variable, the second without a join between
 * planted 2 (use_after_free): a condition variable is freed by its sleeper while the other still signals
 * planted 3 (race): a flag polled with relaxed loads, without the fence behind the loop
 * planted 4 (race|property): Dekker's entry with release fences instead of seq_cst ones
 * planted 5 (race): bit fields of one word
 * planted 6 (race): a block is handed over by a relaxed store
 * planted 7 (livelock): a polite spin on a flag that is set too early and taken back
 * planted 8 (leak): a cached block that a static pointer no longer holds
 * planted 9 (livelock): a wait, again and again, for what nobody does */
#include "explore.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef PLANTED
#define PLANTED 0
#endif

static void *increment(void *argument) {
    ++*(int *)argument;
    return NULL;
}

static void run_stack_reuse(void) {
    pthread_t threads[2];
    int variable = 0;
    for (int i = 0; i < 2; i++) {
        pthread_create(&threads[i], NULL, increment, &variable);
        if (PLANTED != 1) pthread_join(threads[i], NULL);
    }
    for (int i = 0; i < 2 && PLANTED == 1; i++) pthread_join(threads[i], NULL);
    if (variable != 2) explore_fail("%d increments instead of 2", variable);
}

struct event {
    pthread_mutex_t mutex;
    pthread_cond_t happened;
    bool done;
};

/* The sleeper destroys and frees it all once it has seen `done`: allowed, since the signal comes under the lock. */
static void *announce(void *argument) {
    struct event *event = argument;
    pthread_mutex_lock(&event->mutex);
    event->done = true;
    if (PLANTED != 2) pthread_cond_broadcast(&event->happened);
    pthread_mutex_unlock(&event->mutex);
    if (PLANTED == 2) pthread_cond_broadcast(&event->happened);
    return NULL;
}

static void run_sleeper_frees(void) {
    pthread_t thread;
    struct event *event = malloc(sizeof *event);
    event->done = false;
    pthread_mutex_init(&event->mutex, NULL);
    pthread_cond_init(&event->happened, NULL);
    pthread_create(&thread, NULL, announce, event);
    pthread_mutex_lock(&event->mutex);
    while (!event->done) pthread_cond_wait(&event->happened, &event->mutex);
    pthread_mutex_unlock(&event->mutex);
    pthread_cond_destroy(&event->happened);
    pthread_mutex_destroy(&event->mutex);
    free(event);
    pthread_join(thread, NULL);
}

static atomic_int flag;
static int value; /* plain */

static void *set(void *unused) {
    value = 5;
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&flag, 1, memory_order_relaxed);
    if (PLANTED == 7) atomic_store_explicit(&flag, 0, memory_order_relaxed);
    return unused;
}

static void run_relaxed_poll(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, set, NULL);
    while (!atomic_load_explicit(&flag, memory_order_relaxed)) explore_yield();
    if (PLANTED != 3) atomic_thread_fence(memory_order_acquire);
    if (value != 5) explore_fail("the value is %d instead of 5", value);
    pthread_join(thread, NULL);
}

static atomic_int wants[2];

static void *enter_once(void *argument) {
    int me = (int)(long)argument;
    atomic_store_explicit(&wants[me], 1, memory_order_relaxed);
    atomic_thread_fence(PLANTED == 4 ? memory_order_acq_rel : memory_order_seq_cst);
    if (!atomic_load_explicit(&wants[1 - me], memory_order_relaxed)) value++;
    return NULL;
}

static void run_fenced_entry(void) {
    pthread_t threads[2];
    for (long i = 0; i < 2; i++) pthread_create(&threads[i], NULL, enter_once, (void *)i);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    if (value > 1) explore_fail("both entered");
}

struct {
    uint8_t left, right;        /* two bytes of one word are two locations ... */
    unsigned low : 4, high : 4; /* ... two bit fields of one word are one */
} fields;

static void *set_right(void *unused) {
    fields.right = 1;
    if (PLANTED == 5) fields.high = 1;
    errno = EBUSY;
    return unused;
}

static void run_neighbours(void) {
    pthread_t thread;
    errno = 0;
    pthread_create(&thread, NULL, set_right, NULL);
    fields.left = 1;
    if (PLANTED == 5) fields.low = 1;
    if (errno) explore_fail("another thread's errno shows: %d", errno);
    pthread_join(thread, NULL);
}

static pthread_barrier_t barrier;

static void *meet(void *unused) {
    pthread_barrier_wait(&barrier);
    return unused;
}

/* A barrier is destroyed and made anew while the other has not left the first round yet. */
static void run_barrier_again(void) {
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        pthread_barrier_init(&barrier, NULL, 2);
        pthread_create(&threads[i], NULL, meet, NULL);
        pthread_barrier_wait(&barrier);
        pthread_barrier_destroy(&barrier);
    }
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
}

static void *_Atomic box;

static void *receive(void *unused) {
    int *block;
    while (!(block = atomic_load_explicit(&box, memory_order_acquire))) explore_yield();
    if (*block != 6) explore_fail("the block holds %d", *block);
    free(block);
    return unused;
}

static void run_hand_over(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, receive, NULL);
    for (int i = 0; i < 2; i++) free(malloc(sizeof(int)));
    int *block = malloc(sizeof *block);
    *block = 6;
    atomic_store_explicit(&box, block, PLANTED == 6 ? memory_order_relaxed : memory_order_release);
    pthread_join(thread, NULL);
}

/* Half of a word is read where a whole one was written. */
static union {
    _Atomic uint64_t whole;
    _Atomic uint32_t half[2];
} both;

static void *write_whole(void *unused) {
    value = 7;
    atomic_store_explicit(&both.whole, 0x100000001, memory_order_release);
    return unused;
}

static void run_union(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, write_whole, NULL);
    while (!atomic_load_explicit(&both.half[1], memory_order_acquire)) explore_yield();
    if (value != 7) explore_fail("the value is %d", value);
    if (atomic_load_explicit(&both.half[0], memory_order_relaxed) != 1) explore_fail("half a store");
    pthread_join(thread, NULL);
}

static pthread_mutex_t left_lock = PTHREAD_MUTEX_INITIALIZER, right_lock = PTHREAD_MUTEX_INITIALIZER;

/* Takes two locks in the wrong order, but gives way. Two threads in step could do so for ever; only a very unfair
 * schedule keeps them in step. */
static void *give_way(void *argument) {
    pthread_mutex_t *mine = argument ? &left_lock : &right_lock, *other = argument ? &right_lock : &left_lock;
    pthread_mutex_lock(mine);
    while (pthread_mutex_trylock(other)) {
        pthread_mutex_unlock(mine);
        pthread_mutex_lock(mine);
    }
    value++;
    pthread_mutex_unlock(other);
    pthread_mutex_unlock(mine);
    return NULL;
}

static void run_polite_locks(void) {
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, give_way, i ? &value : NULL);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
}

/* A loop until a time comes. */
static void run_clock_spin(void) {
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do clock_gettime(CLOCK_MONOTONIC, &now);
    while (now.tv_sec < start.tv_sec + 2);
}

static pthread_cond_t never_signalled = PTHREAD_COND_INITIALIZER;

static void *set_later(void *unused) {
    struct timespec nap = {0, 5000};
    nanosleep(&nap, NULL);
    pthread_mutex_lock(&left_lock);
    value = PLANTED == 9 ? 0 : 1;
    pthread_mutex_unlock(&left_lock);
    return unused;
}

/* Waits so short that each is over before it has begun. The mutex is free meanwhile all the same. */
static void run_short_waits(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, set_later, NULL);
    pthread_mutex_lock(&left_lock);
    while (value != 1) {
        struct timespec past = {0, 0};
        pthread_cond_timedwait(&never_signalled, &left_lock, &past);
    }
    pthread_mutex_unlock(&left_lock);
    pthread_join(thread, NULL);
}

struct link {
    struct link *_Atomic next;
};

static struct link *_Atomic first;
static bool followed;

static void *follow(void *unused) {
    struct link *link = atomic_load_explicit(&first, memory_order_relaxed);
    atomic_thread_fence(memory_order_acquire);
    if (!link) return unused;
    struct link *next;
    while (!(next = atomic_load_explicit(&link->next, memory_order_relaxed))) explore_yield();
    atomic_thread_fence(memory_order_acquire);
    memset(link, 0, sizeof *link); /* its link was read: nobody else needs it */
    free(link);
    free(next);
    followed = true;
    return unused;
}

/* Blocks are handed over by fences alone, and freed by who has followed their links. */
static void run_fenced_links(void) {
    pthread_t thread;
    struct link *one = malloc(sizeof *one), *two = malloc(sizeof *two);
    pthread_create(&thread, NULL, follow, NULL);
    atomic_store_explicit(&one->next, NULL, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    struct link *none = NULL;
    atomic_compare_exchange_strong_explicit(&first, &none, one, memory_order_relaxed, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&one->next, two, memory_order_relaxed);
    pthread_join(thread, NULL);
    if (followed) return;
    free(one);
    free(two);
}

static void lock_on_stack(int *counter) {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&mutex);
    ++*counter;
    pthread_mutex_unlock(&mutex);
    pthread_mutex_destroy(&mutex);
}

void *cache; /* not static: else the compiler drops what nobody reads */

static void run_lifetimes(void) {
    int counter = 0;
    for (int i = 0; i < 3; i++) {
        lock_on_stack(&counter);
        pthread_mutex_t *mutex = calloc(1, sizeof *mutex);
        pthread_mutex_lock(mutex);
        pthread_mutex_unlock(mutex);
        free(mutex);
    }
    cache = malloc(16);
    memset(cache, 0, 16);
    if (PLANTED == 8) cache = NULL;
}

/* Not in the C library but beside it, and the explorer has to bring it along. */
static void run_mathematics(void) {
    double third = 1.0 / 3, back = exp(log(third));
    if (fabs(back - third) > 1e-12) explore_fail("exp(ln(1/3)) is %g", back);
}

const struct explore_scenario explore_scenarios[] = {
    {"stack_reuse", run_stack_reuse},
    {"sleeper_frees", run_sleeper_frees},
    {"relaxed_poll", run_relaxed_poll},
    {"fenced_entry", run_fenced_entry},
    {"neighbours", run_neighbours},
    {"barrier_again", run_barrier_again},
    {"hand_over", run_hand_over},
    {"union", run_union},
    {"lifetimes", run_lifetimes},
    {"polite_locks", run_polite_locks},
    {"clock_spin", run_clock_spin},
    {"fenced_links", run_fenced_links},
    {"mathematics", run_mathematics},
    {"short_waits", run_short_waits},
    {NULL, NULL},
};
