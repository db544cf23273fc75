/* SPDX-License-Identifier: MIT
 *
 * linked_queue.c -- the non-blocking queue of Michael and Scott (PODC 1996): a dummy node in front, a tail that may lag
 * one node behind. Nodes are taken from a pool, each once, so that no address comes back.
 *
 * planted 1 (race): a node is appended without publishing what it holds
 * planted 2 (livelock|blocked_by_parked_thread): nobody helps a tail that lags
 * planted 3 (property|race): the head moves by a store, so that two threads may take the same node */
#include "explore.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#ifndef PLANTED
#define PLANTED 0
#endif

enum { NODES = 3 };

/* Of the append: when it succeeds, and when it finds another thread's node. */
#define APPENDS (PLANTED == 1 ? memory_order_relaxed : memory_order_release)
#define FINDS (PLANTED == 1 ? memory_order_relaxed : memory_order_acquire)

struct node {
    struct node *_Atomic next;
    int value;
};

static struct node nodes[NODES];
static struct node *_Atomic head, *_Atomic tail;

static void help(struct node *last, struct node *next) {
    atomic_compare_exchange_strong_explicit(&tail, &last, next, memory_order_release, memory_order_relaxed);
}

static void enqueue(int number) {
    struct node *node = &nodes[number];
    node->value = number;
    explore_lock_free_begin("enqueue");
    for (;;) {
        struct node *last = atomic_load_explicit(&tail, memory_order_acquire), *next = NULL;
        if (atomic_compare_exchange_strong_explicit(&last->next, &next, node, APPENDS, FINDS)) {
            help(last, node);
            break;
        }
        if (PLANTED != 2) help(last, next);
    }
    explore_lock_free_end();
}

static bool move_head(struct node *from, struct node *to) {
    if (PLANTED != 3)
        return atomic_compare_exchange_strong_explicit(&head, &from, to, memory_order_acq_rel, memory_order_relaxed);
    atomic_store_explicit(&head, to, memory_order_release);
    return true;
}

/* The value, or 0: the queue is empty. */
static int dequeue(void) {
    int value = 0;
    explore_lock_free_begin("dequeue");
    while (!value) {
        struct node *first = atomic_load_explicit(&head, memory_order_acquire);
        struct node *next = atomic_load_explicit(&first->next, memory_order_acquire);
        if (!next) break;
        if (first == atomic_load_explicit(&tail, memory_order_acquire)) help(first, next);
        if (move_head(first, next)) value = next->value;
    }
    explore_lock_free_end();
    return value;
}

static int got[2];

static void *put_and_get(void *argument) {
    long me = (long)argument;
    enqueue(1 + (int)me);
    got[me] = dequeue();
    return NULL;
}

static void run(void) {
    pthread_t threads[2];
    atomic_store_explicit(&head, &nodes[0], memory_order_relaxed);
    atomic_store_explicit(&tail, &nodes[0], memory_order_relaxed);
    for (long i = 0; i < 2; i++) pthread_create(&threads[i], NULL, put_and_get, (void *)i);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    if (got[0] + got[1] != 3) explore_fail("1 and 2 went in, %d and %d came out", got[0], got[1]);
}

const struct explore_scenario explore_scenarios[] = {{"queue", run}, {NULL, NULL}};
