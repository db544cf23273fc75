/* SPDX-License-Identifier: MIT
 *
 * treiber.c -- Treiber's stack over a pool of nodes, its top an index with a tag in one 64-bit
 * word, and the same with a 128-bit word of pointer and tag.
 *
 * planted 1 (property|race|livelock|blocked_by_parked_thread): no tag (ABA)
 * planted 2 (race|property): the push does not publish
 * planted 3 (use_after_free): nodes are freed while another pop may read them */
#include "explore.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#ifndef PLANTED
#define PLANTED 0
#endif

enum { NODES = 3, NONE = 0xffff };

#define PUSH_ORDER (PLANTED == 2 ? memory_order_relaxed : memory_order_release)

static struct {
    atomic_uint next;
    int payload; /* plain: owned by whoever popped it */
} nodes[NODES];
static _Atomic uint64_t top;

static uint64_t tagged(uint64_t before, unsigned index) {
    return PLANTED == 1 ? index : ((before >> 32) + 1) << 32 | index;
}

static void push(unsigned index) {
    explore_lock_free_begin("push");
    uint64_t before = atomic_load_explicit(&top, memory_order_relaxed);
    do atomic_store_explicit(&nodes[index].next, (unsigned)before, memory_order_relaxed);
    while (
        !atomic_compare_exchange_weak_explicit(&top, &before, tagged(before, index), PUSH_ORDER, memory_order_relaxed));
    explore_lock_free_end();
}

static unsigned pop(void) {
    explore_lock_free_begin("pop");
    uint64_t before = atomic_load_explicit(&top, memory_order_acquire);
    while ((unsigned)before != NONE) {
        unsigned next = atomic_load_explicit(&nodes[(unsigned)before].next, memory_order_relaxed);
        if (atomic_compare_exchange_weak_explicit(&top, &before, tagged(before, next), memory_order_acquire,
                                                  memory_order_acquire))
            break;
    }
    explore_lock_free_end();
    return (unsigned)before;
}

static void *pop_and_push(void *argument) {
    int me = (int)(long)argument;
    for (int round = 0; round < 2; round++) {
        unsigned one = pop(), other = me ? NONE : pop();
        if (one != NONE) nodes[one].payload = me;
        if (one != NONE && one == other) explore_fail("one pop after the other returned node %u twice", one);
        if (one != NONE && nodes[one].payload != me) explore_fail("two threads hold node %u", one);
        if (one != NONE) push(one);
        if (other != NONE) push(other);
    }
    return NULL;
}

static void run_indices(void) {
    pthread_t threads[2];
    atomic_store_explicit(&top, NONE, memory_order_relaxed);
    for (unsigned i = 0; i < NODES; i++) push(i);
    for (long i = 0; i < 2; i++) pthread_create(&threads[i], NULL, pop_and_push, (void *)i);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    int seen[NODES] = {0}, count = 0;
    for (unsigned index; (index = pop()) != NONE && count < 10; count++)
        if (seen[index]++) explore_fail("node %u is in the stack twice", index);
    if (count != NODES) explore_fail("%d nodes are left of %d", count, NODES);
}

struct node {
    struct node *_Atomic next;
    int payload;
};
union wide {
    unsigned __int128 word;
    struct {
        struct node *node;
        uint64_t tag;
    };
};
static unsigned __int128 _Alignas(16) wide_top;

static union wide load_wide(int order) {
    return (union wide){.word = __atomic_load_n(&wide_top, order)};
}

static bool swap_wide(union wide *before, struct node *node, int order) {
    union wide after = {.node = node, .tag = before->tag + 1};
    return __atomic_compare_exchange_n(&wide_top, &before->word, after.word, false, order, __ATOMIC_RELAXED);
}

static void push_wide(struct node *node) {
    union wide before = load_wide(__ATOMIC_RELAXED);
    do atomic_store_explicit(&node->next, before.node, memory_order_relaxed);
    while (!swap_wide(&before, node, PLANTED == 2 ? __ATOMIC_RELAXED : __ATOMIC_RELEASE));
}

static struct node *pop_wide(void) {
    union wide before = load_wide(__ATOMIC_ACQUIRE);
    while (before.node) {
        struct node *next = atomic_load_explicit(&before.node->next, memory_order_relaxed);
        if (swap_wide(&before, next, __ATOMIC_ACQUIRE)) break;
        before = load_wide(__ATOMIC_ACQUIRE);
    }
    return before.node;
}

static struct node *made[2];

static void *use_wide(void *argument) {
    long me = (long)argument;
    made[me] = malloc(sizeof *made[me]);
    made[me]->payload = (int)me;
    push_wide(made[me]);
    struct node *got = pop_wide();
    if (got && (got->payload < 0 || got->payload > 1)) explore_fail("a popped node holds %d", got->payload);
    if (PLANTED == 3) free(got);
    return NULL;
}

static void run_wide(void) {
    pthread_t threads[2];
    for (long i = 0; i < 2; i++) pthread_create(&threads[i], NULL, use_wide, (void *)i);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < 2 && PLANTED != 3; i++) free(made[i]);
}

const struct explore_scenario explore_scenarios[] = {{"indices", run_indices}, {"wide", run_wide}, {NULL, NULL}};
