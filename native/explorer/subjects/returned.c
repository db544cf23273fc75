/* SPDX-License-Identifier: MIT
 *
 * returned.c -- local variables that are used by others, and until when.
 *
 * planted 1 (use_after_return): reads through a pointer to a variable of a function that has returned
 * planted 2 (use_after_return): a function returns before the thread that it lent a variable has ended
 * planted 3 (use_after_return): a thread hands out a variable of its own
 * planted 4 (use_after_return): signals a condition variable of a waiter's stack after letting go of its mutex
 * planted 5 (use_after_return): takes a lock of a function that has returned
 * planted 6 (use_after_return): an atomic counter of a thread that has ended
 * planted 7 (race): a variable of a loop's body is used by another thread while the loop goes on to its next turn */
#include "explore.h"

#include <alloca.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#ifndef PLANTED
#define PLANTED 0
#endif

#define APART __attribute__((noinline)) /* a function that is inlined has no frame of its own to leave */

static int *lent;
static pthread_mutex_t *lent_mutex;

static APART void lend(int value) {
    int own = value;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    if (PLANTED == 1) lent = &own;
    if (PLANTED == 5) lent_mutex = &mutex;
    pthread_mutex_lock(&mutex);
    ++*lent;
    pthread_mutex_unlock(&mutex);
}

static APART int depth_of(const int *outermost, int depth) {
    int own = depth;
    return depth == 3 ? *outermost : depth_of(depth ? outermost : &own, depth + 1);
}

static void run_calls(void) {
    int value = 1;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    lent = &value;
    lent_mutex = &mutex;
    lend(1);
    if (PLANTED != 1 && *lent != 2) explore_fail("2 was written, %d is there", *lent);
    if (PLANTED == 1 && *lent == 5) explore_fail("5 was never written");
    pthread_mutex_lock(lent_mutex);
    pthread_mutex_unlock(lent_mutex);
    if (depth_of(NULL, 0) != 0) explore_fail("the outermost depth is not 0");
}

static void *fill(void *place) {
    memset(place, 1, 40);
    return NULL;
}

static APART pthread_t lend_to_thread(void) {
    char room[40];
    pthread_t thread;
    pthread_create(&thread, NULL, fill, room);
    if (PLANTED != 2) pthread_join(thread, NULL);
    return thread;
}

/* Rooms whose place is found only at run time, below all else that the function has. */
static APART void lend_rooms(size_t count) {
    char array[count], *taken = alloca(count);
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, fill, array);
    pthread_create(&threads[1], NULL, fill, taken);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    if (array[39] + taken[39] != 2) explore_fail("a room was not filled");
}

static void run_rooms(void) {
    pthread_t thread = lend_to_thread();
    if (PLANTED == 2) pthread_join(thread, NULL);
    lend_rooms(40);
}

static int kept;
static atomic_int kept_count;

static void *hand_out(void *unused) {
    (void)unused;
    static _Thread_local int own;
    static _Thread_local atomic_int count;
    own = 1;
    if (PLANTED == 6) return (void *)&count;
    return PLANTED == 3 ? &own : &kept;
}

static void run_results(void) {
    pthread_t thread;
    void *result;
    pthread_create(&thread, NULL, hand_out, NULL);
    pthread_join(thread, &result);
    if (PLANTED == 6)
        atomic_fetch_add((atomic_int *)result, 1);
    else
        *(int *)result = 2;
    atomic_fetch_add(&kept_count, 1);
}

struct completion {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int done;
};

static void *complete(void *argument) {
    struct completion *completion = argument;
    pthread_mutex_lock(&completion->mutex);
    completion->done = 1;
    if (PLANTED != 4) pthread_cond_signal(&completion->changed);
    pthread_mutex_unlock(&completion->mutex);
    if (PLANTED == 4) pthread_cond_signal(&completion->changed);
    return NULL;
}

static APART pthread_t wait_for_completion(void) {
    struct completion own = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
    pthread_t thread;
    pthread_create(&thread, NULL, complete, &own);
    pthread_mutex_lock(&own.mutex);
    while (!own.done) pthread_cond_wait(&own.changed, &own.mutex);
    pthread_mutex_unlock(&own.mutex);
    return thread;
}

static void run_completion(void) {
    pthread_join(wait_for_completion(), NULL);
}

static int *offered;
static pthread_mutex_t offers = PTHREAD_MUTEX_INITIALIZER;

static void offer(int *place, int value) {
    pthread_mutex_lock(&offers);
    if (place) *place = value;
    offered = place;
    pthread_mutex_unlock(&offers);
}

static void *take_offer(void *unused) {
    pthread_mutex_lock(&offers);
    if (offered && *offered != 7) explore_fail("7 was offered, %d is there", *offered);
    pthread_mutex_unlock(&offers);
    return unused;
}

/* Each turn has a new `own`, in the old one's place: the compiler's pattern is written where it begins. */
static void run_blocks(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, take_offer, NULL);
    for (int turn = 0; turn < 3; turn++) {
        int own;
        offer(&own, 7);
        if (PLANTED != 7) offer(NULL, 0);
    }
    offer(NULL, 0);
    pthread_join(thread, NULL);
}

const struct explore_scenario explore_scenarios[] = {
    {"calls", run_calls},           {"rooms", run_rooms},   {"results", run_results},
    {"completion", run_completion}, {"blocks", run_blocks}, {NULL, NULL},
};
