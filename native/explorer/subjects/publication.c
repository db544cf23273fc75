/* SPDX-License-Identifier: MIT
 *
 * publication.c -- a reader-friendly pointer swap (RCU with a counter of readers), reference
 * counts, and lazy initialisation by double-checked locking.
 *
 * planted 1 (race|use_after_free): the new version is published by a relaxed store
 * planted 2 (use_after_free): the old version is freed without waiting for readers
 * planted 3 (use_after_free): readers announce themselves without seq_cst
 * planted 4 (race|use_after_free): the last reference is dropped by relaxed operations
 * planted 5 (race): double-checked locking with a plain flag
 * planted 6 (race|use_after_free): the last reference is dropped without an acquire fence */
#include "explore.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#ifndef PLANTED
#define PLANTED 0
#endif

struct version {
    int left, right; /* always equal */
};

static _Atomic(struct version *) current;
static atomic_int readers;

static struct version *make(int value) {
    struct version *version = malloc(sizeof *version);
    version->left = version->right = value;
    return version;
}

static void *read_version(void *unused) {
    bool weak = PLANTED == 3;
    atomic_fetch_add_explicit(&readers, 1, weak ? memory_order_relaxed : memory_order_seq_cst);
    struct version *version = atomic_load_explicit(&current, weak ? memory_order_acquire : memory_order_seq_cst);
    if (version->left != version->right) explore_fail("a reader saw %d and %d", version->left, version->right);
    atomic_fetch_sub_explicit(&readers, 1, memory_order_release);
    return unused;
}

static void replace(int value) {
    struct version *new = make(value);
    struct version *old = atomic_load_explicit(&current, memory_order_relaxed);
    memory_order order = PLANTED == 1   ? memory_order_relaxed
                         : PLANTED == 3 ? memory_order_release
                                        : memory_order_seq_cst;
    atomic_store_explicit(&current, new, order);
    while (PLANTED != 2 && atomic_load_explicit(&readers, PLANTED == 3 ? memory_order_acquire : memory_order_seq_cst))
        explore_yield();
    free(old);
}

static void run_versions(void) {
    pthread_t threads[2];
    atomic_store(&current, make(0));
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, read_version, NULL);
    replace(1);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    free(atomic_load(&current));
}

struct counted {
    atomic_int references;
    int payload;
};

static void drop(struct counted *object) {
    memory_order order = PLANTED == 4 ? memory_order_relaxed : memory_order_release;
    if (atomic_fetch_sub_explicit(&object->references, 1, order) != 1) return;
    if (PLANTED != 4 && PLANTED != 6) atomic_thread_fence(memory_order_acquire);
    object->payload = -1; /* nobody else may look any more */
    free(object);
}

static void *read_and_drop(void *argument) {
    struct counted *object = argument;
    if (object->payload != 5) explore_fail("the payload is %d instead of 5", object->payload);
    drop(object);
    return NULL;
}

static void run_references(void) {
    pthread_t threads[2];
    struct counted *object = malloc(sizeof *object);
    object->payload = 5;
    atomic_init(&object->references, 2);
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, read_and_drop, object);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int instance;
#if PLANTED == 5
static int ready;
#else
static atomic_int ready;
#endif

static void *use_instance(void *unused) {
    if (!ready) {
        pthread_mutex_lock(&lock);
        if (!ready) {
            instance = 42;
            ready = 1;
        }
        pthread_mutex_unlock(&lock);
    }
    if (instance != 42) explore_fail("the instance is %d instead of 42", instance);
    return unused;
}

static void run_lazy(void) {
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, use_instance, NULL);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
}

const struct explore_scenario explore_scenarios[] = {
    {"versions", run_versions}, {"references", run_references}, {"lazy", run_lazy}, {NULL, NULL}};
