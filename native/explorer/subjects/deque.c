/* SPDX-License-Identifier: MIT
 *
 * deque.c -- the work-stealing deque of Chase and Lev, with the orders of Le, Pop, Cohen and Zappa Nardelli (PPoPP
 * 2013), and a ring for one producer and one consumer. Both hand over plain payloads.
 *
 * planted 1 (property|race): no seq_cst fence in take
 * planted 2 (property|race): no seq_cst fence in steal
 * planted 3 (race|property): push does not publish
 * planted 4 (property|race): steal takes without a compare-exchange
 * planted 5 (race): the ring's producer does not publish
 * planted 6 (race): the ring's consumer does not acquire
 * planted 7 (race|property): the ring's consumer gives the slot back before it has read it */
#include "explore.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#ifndef PLANTED
#define PLANTED 0
#endif

enum { ITEMS = 3, SLOTS = 4, EMPTY = -1 };

static atomic_long top, bottom;
static atomic_int slots[SLOTS];
static int payload[ITEMS]; /* plain */

static void push(int item) {
    long b = atomic_load_explicit(&bottom, memory_order_relaxed);
    atomic_store_explicit(&slots[b % SLOTS], item, memory_order_relaxed);
    if (PLANTED != 3) atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&bottom, b + 1, memory_order_relaxed);
}

static int take(void) {
    long b = atomic_load_explicit(&bottom, memory_order_relaxed) - 1;
    atomic_store_explicit(&bottom, b, memory_order_relaxed);
    if (PLANTED != 1) atomic_thread_fence(memory_order_seq_cst);
    long t = atomic_load_explicit(&top, memory_order_relaxed);
    if (t > b) {
        atomic_store_explicit(&bottom, b + 1, memory_order_relaxed);
        return EMPTY;
    }
    int item = atomic_load_explicit(&slots[b % SLOTS], memory_order_relaxed);
    if (t < b) return item;
    bool won = atomic_compare_exchange_strong_explicit(&top, &t, t + 1, memory_order_seq_cst, memory_order_relaxed);
    atomic_store_explicit(&bottom, b + 1, memory_order_relaxed);
    return won ? item : EMPTY;
}

static int steal(void) {
    long t = atomic_load_explicit(&top, memory_order_acquire);
    if (PLANTED != 2) atomic_thread_fence(memory_order_seq_cst);
    long b = atomic_load_explicit(&bottom, memory_order_acquire);
    if (t >= b) return EMPTY;
    int item = atomic_load_explicit(&slots[t % SLOTS], memory_order_relaxed);
    if (PLANTED == 4) {
        atomic_store_explicit(&top, t + 1, memory_order_seq_cst);
        return item;
    }
    bool won = atomic_compare_exchange_strong_explicit(&top, &t, t + 1, memory_order_seq_cst, memory_order_relaxed);
    return won ? item : EMPTY;
}

static void use(int item) {
    if (item == EMPTY) return;
    if (payload[item] != 10 + item)
        explore_fail("item %d holds %d: taken before, or not yet there", item, payload[item]);
    payload[item] = 0;
}

static void *thief(void *unused) {
    use(steal());
    use(steal());
    return unused;
}

static void run_deque(void) {
    pthread_t thieves[2];
    int thief_count = 1 + (int)explore_choose(2);
    for (int i = 0; i < thief_count; i++) pthread_create(&thieves[i], NULL, thief, NULL);
    for (int item = 0; item < ITEMS; item++) {
        payload[item] = 10 + item;
        push(item);
        if (item == 1) use(take());
    }
    use(take());
    for (int i = 0; i < thief_count; i++) pthread_join(thieves[i], NULL);
    for (int item; (item = take()) != EMPTY;) use(item);
    for (int item = 0; item < ITEMS; item++)
        if (payload[item]) explore_fail("item %d was never taken", item);
}

static int ring[2]; /* plain */
static atomic_uint written, consumed;

static void *produce(void *unused) {
    for (unsigned i = 0; i < 3; i++) {
        while (i - atomic_load_explicit(&consumed, memory_order_acquire) == 2) explore_yield();
        ring[i % 2] = (int)i + 1;
        atomic_store_explicit(&written, i + 1, PLANTED == 5 ? memory_order_relaxed : memory_order_release);
    }
    return unused;
}

static void run_ring(void) {
    pthread_t producer;
    pthread_create(&producer, NULL, produce, NULL);
    for (unsigned i = 0; i < 3; i++) {
        while (atomic_load_explicit(&written, PLANTED == 6 ? memory_order_relaxed : memory_order_acquire) == i)
            explore_yield();
        if (PLANTED == 7) atomic_store_explicit(&consumed, i + 1, memory_order_release);
        int got = ring[i % 2];
        if (got != (int)i + 1) explore_fail("item %u of the ring is %d", i, got);
        if (PLANTED != 7) atomic_store_explicit(&consumed, i + 1, memory_order_release);
    }
    pthread_join(producer, NULL);
}

const struct explore_scenario explore_scenarios[] = {{"deque", run_deque}, {"ring", run_ring}, {NULL, NULL}};
