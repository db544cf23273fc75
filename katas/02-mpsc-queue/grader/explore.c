/* SPDX-License-Identifier: MIT
 *
 * explore.c -- the traffic of kata 02 under the schedule explorer.
 *
 *   traffic     two producers, one consumer; a popped node is pushed again at once,
 *               or freed at once
 *   small       two producers with two pushes each, popped by the main thread:
 *               small enough for an exhaustive search; popped nodes as in traffic
 *   leftovers   the queue is freed with nodes inside
 *   hand_over   the consumer role moves to another thread
 *   two_queues  a popped node is pushed to another queue at once
 *   no_memory   malloc fails in mpsc_new
 *
 * Payloads are plain memory, so a push that does not publish them is a data
 * race. What the driver counts for itself lies in quiet functions and orders
 * nothing. */
#include "explore.h"
#include "mpsc_queue.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { PRODUCERS = 2, MAX_PUSHES = 6, NODES = 4 };

/* 24 bytes, so that nodes are aligned to 8 bytes and every second one to no more. */
struct item {
    int producer, number;
    struct mpsc_node node;
    long unused;
};

static struct item *item_of(struct mpsc_node *node) {
    return node ? (struct item *)((char *)node - offsetof(struct item, node)) : NULL;
}

/* What the driver knows. Quiet functions only. */
static struct {
    int pushed[PRODUCERS], popped[PRODUCERS];
    int pushes_begun;
} seen;

static struct mpsc_queue *shared_queue;
static struct item items[PRODUCERS][NODES]; /* each producer's own nodes */
static int spare[PRODUCERS];                /* how many of them it still has */
static bool fresh;                          /* each push has a node from malloc, and a popped one is freed */

/* Nodes the consumer gives back, taken by the next push of their producer. */
static struct item *_Atomic returned[PRODUCERS];

EXPLORE_QUIET static void note_push_begins(void) {
    seen.pushes_begun++;
}

EXPLORE_QUIET static void note_push_ends(int producer) {
    seen.pushed[producer]++;
    explore_mark(producer);
}

EXPLORE_QUIET static int note_pop(int producer) {
    return seen.popped[producer]++;
}

EXPLORE_QUIET static int popped(int producer) {
    return seen.popped[producer];
}

EXPLORE_QUIET static int pushes_begun(void) {
    return seen.pushes_begun;
}

static void push(struct item *item, int producer, int number) {
    item->producer = producer;
    item->number = number;
    note_push_begins();
    explore_lock_free_begin("mpsc_push");
    mpsc_push(shared_queue, &item->node);
    explore_lock_free_end();
    note_push_ends(producer);
}

static void check_order(const struct item *item) {
    if (item->producer < 0 || item->producer >= PRODUCERS)
        explore_fail("a popped node holds producer %d; there are %d", item->producer, PRODUCERS);
    int expected = note_pop(item->producer);
    if (item->number < expected)
        explore_fail("producer %d: item %d came out again, or late: item %d was due", item->producer, item->number,
                     expected);
    if (item->number > expected)
        explore_fail("producer %d: item %d came out, but item %d was due and is missing", item->producer, item->number,
                     expected);
}

/* "Empty" is wrong once every push begun so far happens before the call of pop, and one is still
 * inside. A push that has returned, but of which nothing has told the consumer, counts as in
 * progress. */
static void check_empty(const int finished[PRODUCERS]) {
    int all = 0;
    for (int i = 0; i < PRODUCERS; i++) all += finished[i];
    for (int i = 0; all == pushes_begun() && i < PRODUCERS; i++)
        if (popped(i) < finished[i])
            explore_fail("pop answers NULL and no push is in progress, but producer %d has finished %d "
                         "pushes and only %d came out",
                         i, finished[i], popped(i));
}

static struct item *pop(void) {
    int finished[PRODUCERS];
    for (int i = 0; i < PRODUCERS; i++) finished[i] = explore_marks_before(i);
    explore_lock_free_begin("mpsc_pop");
    struct item *item = item_of(mpsc_pop(shared_queue));
    explore_lock_free_end();
    if (item)
        check_order(item);
    else
        check_empty(finished);
    return item;
}

/* A popped node is the caller's at once. Freed, it shows who still looks at it;
 * pushed again, who takes it for the one that it was. */
static void retire(struct item *item) {
    int producer = item->producer;
    if (fresh) {
        free(item);
        return;
    }
    /* next may hold anything after pop */
    atomic_store_explicit(&item->node.next, (struct mpsc_node *)0x5a5a5a5a5a5a, memory_order_relaxed);
    atomic_store_explicit(&returned[producer], item, memory_order_release);
}

static void drain(void) {
    for (struct item *item; (item = pop());) retire(item);
}

static void check_all_came_out(int pushes) {
    for (int i = 0; i < PRODUCERS; i++)
        if (popped(i) != pushes) explore_fail("producer %d pushed %d items; %d came out", i, pushes, popped(i));
}

static void open_queue(void) {
    shared_queue = mpsc_new();
    if (!shared_queue) explore_fail("mpsc_new answers NULL although there is memory");
    for (int i = 0; i < PRODUCERS; i++) spare[i] = NODES;
}

static void close_queue(void) {
    mpsc_free(shared_queue);
    shared_queue = NULL;
}

/* The node popped last, if the consumer has given it back; else one not used before. */
static struct item *take_node(int producer) {
    if (fresh) {
        /* A line that declares what it allocates, so that reports know its members. */
        struct item *item = malloc(sizeof *item);
        return item;
    }
    struct item *item = atomic_exchange_explicit(&returned[producer], NULL, memory_order_acquire);
    if (item) return item;
    return spare[producer] ? &items[producer][--spare[producer]] : NULL;
}

static int traffic_pushes;

static void *produce(void *argument) {
    int producer = (int)(long)argument;
    explore_name_thread(producer ? "producer 1" : "producer 0");
    for (int number = 0; number < traffic_pushes; number++) {
        struct item *item;
        while (!(item = take_node(producer))) explore_yield();
        push(item, producer, number);
    }
    return NULL;
}

static void *consume(void *argument) {
    int tries = 2 + (int)explore_choose(6);
    explore_name_thread("consumer");
    while (tries--) {
        struct item *item = pop();
        if (item)
            retire(item);
        else
            explore_yield();
    }
    return argument;
}

static void run_traffic(void) {
    pthread_t producers[PRODUCERS], consumer;
    traffic_pushes = 1 + (int)explore_choose(4);
    fresh = explore_choose(2);
    open_queue();
    pthread_create(&consumer, NULL, consume, NULL);
    for (long i = 0; i < PRODUCERS; i++) pthread_create(&producers[i], NULL, produce, (void *)i);
    pthread_join(consumer, NULL);
    for (int i = 0; i < PRODUCERS; i++) pthread_join(producers[i], NULL);
    drain();
    check_all_came_out(traffic_pushes);
    close_queue();
}

static void run_small(void) {
    pthread_t producers[PRODUCERS];
    traffic_pushes = 2;
    fresh = explore_choose(2);
    open_queue();
    for (long i = 0; i < PRODUCERS; i++) pthread_create(&producers[i], NULL, produce, (void *)i);
    for (int tries = 0; tries < 2; tries++) {
        struct item *item = pop();
        if (item) retire(item);
    }
    for (int i = 0; i < PRODUCERS; i++) pthread_join(producers[i], NULL);
    drain();
    check_all_came_out(2);
    close_queue();
}

/* Nodes still inside stay the caller's: they are neither read nor written. Freed memory shows both.
 */
static void run_leftovers(void) {
    struct item *left[3];
    open_queue();
    for (int i = 0; i < 3; i++) {
        left[i] = malloc(sizeof *left[i]);
        push(left[i], 0, i);
    }
    int taken = (int)explore_choose(4);
    for (int i = 0; i < taken; i++) pop();
    for (int i = 0; i < 3; i++) free(left[i]);
    close_queue();
}

static void *consume_all(void *argument) {
    explore_name_thread("consumer");
    explore_wait_for("two producers have pushed two nodes each, and mpsc_pop does not give out all four");
    while (popped(0) < 2 || popped(1) < 2)
        if (!pop()) explore_yield();
    explore_wait_for(NULL);
    return argument;
}

static void run_hand_over(void) {
    pthread_t producers[PRODUCERS], consumer;
    traffic_pushes = 2;
    open_queue();
    for (long i = 0; i < PRODUCERS; i++) pthread_create(&producers[i], NULL, produce, (void *)i);
    pop();
    pthread_create(&consumer, NULL, consume_all, NULL);
    pthread_join(consumer, NULL);
    for (int i = 0; i < PRODUCERS; i++) pthread_join(producers[i], NULL);
    drain();
    check_all_came_out(2);
    close_queue();
}

/* A node goes through one queue, then through another. */
static void run_two_queues(void) {
    open_queue();
    struct mpsc_queue *first = shared_queue, *second = mpsc_new();
    for (int i = 0; i < 4; i++) mpsc_push(i % 2 ? second : first, &items[0][i].node);
    for (int i = 0; i < 4; i++) {
        struct item *item = item_of(mpsc_pop(i % 2 ? second : first));
        if (item != &items[0][i]) explore_fail("two queues: item %d did not come out of the one it went into", i);
        mpsc_push(i % 2 ? first : second, &item->node);
    }
    if (!mpsc_pop(first) || !mpsc_pop(second)) explore_fail("two queues: items are missing after they changed places");
    mpsc_free(first);
    mpsc_free(second);
    shared_queue = NULL;
}

static void run_no_memory(void) {
    explore_fail_malloc(1);
    shared_queue = mpsc_new();
    if (shared_queue) {
        push(&items[0][0], 0, 0);
        if (!pop()) explore_fail("pop answers NULL after a push");
    }
    close_queue(); /* NULL does nothing */
}

const struct explore_scenario explore_scenarios[] = {
    {"traffic", run_traffic},
    {"small", run_small},
    {"leftovers", run_leftovers},
    {"hand_over", run_hand_over},
    {"two_queues", run_two_queues},
    {"no_memory", run_no_memory},
    {NULL, NULL},
};
