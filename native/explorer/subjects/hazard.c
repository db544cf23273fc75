/* SPDX-License-Identifier: MIT
 *
 * hazard.c -- Michael and Scott's queue with hazard pointers (Michael, TPDS 2004).
 *
 * planted 1 (use_after_free|race|property): the hazard is not validated after it is set
 * planted 2 (use_after_free|race|property): the hazard is set by a release store, so the scan may
 * overlook it planted 3 (use_after_free|race|property): retired nodes are freed at once planted 4
 * (race|use_after_free): nodes are linked by a relaxed compare-exchange */
#include "explore.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#ifndef PLANTED
#define PLANTED 0
#endif

enum { THREADS = 3, HAZARDS = 2, RETIRED = 8 };

struct node {
    _Atomic(struct node *) next;
    int value;
};

static _Atomic(struct node *) head, tail;
static _Atomic(struct node *) hazards[THREADS][HAZARDS];
static struct node *retired[THREADS][RETIRED];
static int retired_count[THREADS];

static struct node *protect(int me, int slot, _Atomic(struct node *) *from) {
    struct node *node = atomic_load_explicit(from, memory_order_acquire);
    for (;;) {
        atomic_store_explicit(&hazards[me][slot], node, PLANTED == 2 ? memory_order_release : memory_order_seq_cst);
        if (PLANTED == 1) return node;
        struct node *again = atomic_load_explicit(from, PLANTED == 2 ? memory_order_acquire : memory_order_seq_cst);
        if (again == node) return node;
        node = again;
    }
}

static bool is_hazard(struct node *node) {
    for (int i = 0; i < THREADS; i++)
        for (int j = 0; j < HAZARDS; j++)
            if (atomic_load_explicit(&hazards[i][j], memory_order_seq_cst) == node) return true;
    return false;
}

static void retire(int me, struct node *node) {
    if (PLANTED == 3) {
        free(node);
        return;
    }
    retired[me][retired_count[me]++] = node;
    for (int i = 0; i < retired_count[me];) {
        if (is_hazard(retired[me][i])) {
            i++;
            continue;
        }
        free(retired[me][i]);
        retired[me][i] = retired[me][--retired_count[me]];
    }
}

static void enqueue(int me, int value) {
    struct node *node = malloc(sizeof *node);
    atomic_store_explicit(&node->next, NULL, memory_order_relaxed);
    node->value = value;
    for (;;) {
        struct node *last = protect(me, 0, &tail), *none = NULL;
        if (atomic_compare_exchange_strong_explicit(&last->next, &none, node,
                                                    PLANTED == 4 ? memory_order_relaxed : memory_order_release,
                                                    memory_order_relaxed)) {
            atomic_compare_exchange_strong(&tail, &last, node);
            break;
        }
        none = atomic_load_explicit(&last->next, memory_order_acquire);
        atomic_compare_exchange_strong(&tail, &last, none);
    }
    atomic_store_explicit(&hazards[me][0], NULL, memory_order_release);
}

static int dequeue(int me) {
    int value = -1;
    for (;;) {
        struct node *first = protect(me, 0, &head);
        struct node *last = atomic_load(&tail);
        struct node *next = protect(me, 1, &first->next);
        if (atomic_load(&head) != first) continue;
        if (!next) break;
        if (first == last) {
            atomic_compare_exchange_strong(&tail, &last, next);
            continue;
        }
        value = next->value;
        if (atomic_compare_exchange_strong(&head, &first, next)) {
            atomic_store_explicit(&hazards[me][0], NULL, memory_order_release);
            atomic_store_explicit(&hazards[me][1], NULL, memory_order_release);
            retire(me, first);
            return value;
        }
        value = -1;
    }
    atomic_store_explicit(&hazards[me][0], NULL, memory_order_release);
    atomic_store_explicit(&hazards[me][1], NULL, memory_order_release);
    return value;
}

static int got[THREADS][4];

static void *work(void *argument) {
    int me = (int)(long)argument;
    for (int i = 0; i < 2; i++) {
        enqueue(me, me * 10 + i);
        got[me][i] = dequeue(me);
    }
    return NULL;
}

static void run(void) {
    pthread_t threads[2];
    struct node *dummy = malloc(sizeof *dummy);
    atomic_store_explicit(&dummy->next, NULL, memory_order_relaxed);
    atomic_store(&head, dummy);
    atomic_store(&tail, dummy);
    for (long i = 0; i < 2; i++) pthread_create(&threads[i], NULL, work, (void *)i);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    int sum = 0, value;
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) sum += got[i][j] < 0 ? 0 : got[i][j];
    while ((value = dequeue(2)) >= 0) sum += value;
    if (sum != 22) explore_fail("the values that came out add up to %d instead of 22", sum);
    free(atomic_load(&head));
    for (int i = 0; i < THREADS; i++)
        for (int j = 0; j < retired_count[i]; j++) free(retired[i][j]);
}

const struct explore_scenario explore_scenarios[] = {{"queue", run}, {NULL, NULL}};
