/* SPDX-License-Identifier: MIT
 *
 * lru.c -- a cache of two entries behind a mutex, judged by its history alone.
 *
 * planted 1 (not_linearizable): get does not refresh
 * planted 2 (not_linearizable): get promotes in a second locked section
 * planted 3 (not_linearizable): lookup and insert are two locked sections
 * planted 4 (race): the value is read after the unlock
 * planted 5 (race): get takes a read lock only
 * planted 6 (not_linearizable): evicts the newest */
#include "explore.h"

#include <pthread.h>
#include <string.h>

#ifndef PLANTED
#define PLANTED 0
#endif

enum { CAPACITY = 2, MISS = -1 };

/* Most recent first. */
struct entries {
    long count, key[CAPACITY], value[CAPACITY];
};

static struct entries cache;
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

static long find(const struct entries *entries, long key) {
    for (long i = 0; i < entries->count; i++)
        if (entries->key[i] == key) return i;
    return MISS;
}

static void promote(struct entries *entries, long at) {
    long key = entries->key[at], value = entries->value[at];
    for (; at > 0; at--) {
        entries->key[at] = entries->key[at - 1];
        entries->value[at] = entries->value[at - 1];
    }
    entries->key[0] = key;
    entries->value[0] = value;
}

static void insert(struct entries *entries, long key, long value, bool evict_newest) {
    long at = entries->count < CAPACITY ? entries->count++ : evict_newest ? 0 : CAPACITY - 1;
    entries->key[at] = key;
    entries->value[at] = value;
    promote(entries, at);
}

static long get(long key) {
    if (PLANTED == 5)
        pthread_rwlock_rdlock(&lock);
    else
        pthread_rwlock_wrlock(&lock);
    long at = find(&cache, key), value = at == MISS ? MISS : cache.value[at];
    if (PLANTED == 2) {
        pthread_rwlock_unlock(&lock);
        pthread_rwlock_wrlock(&lock);
        at = find(&cache, key);
    }
    if (at != MISS && PLANTED != 1) promote(&cache, at);
    pthread_rwlock_unlock(&lock);
    return PLANTED == 4 && value != MISS ? cache.value[0] : value;
}

static void put(long key, long value) {
    pthread_rwlock_wrlock(&lock);
    long at = find(&cache, key);
    if (PLANTED == 3) {
        pthread_rwlock_unlock(&lock);
        pthread_rwlock_wrlock(&lock);
    }
    if (at == MISS) {
        insert(&cache, key, value, PLANTED == 6);
    } else {
        cache.value[at] = value;
        promote(&cache, at);
    }
    pthread_rwlock_unlock(&lock);
}

static bool step(void *state, const struct explore_operation *operation) {
    struct entries *entries = state;
    long key = operation->argument[0], at = find(entries, key);
    if (!strcmp(operation->name, "get")) {
        long value = at == MISS ? MISS : entries->value[at];
        if (at != MISS) promote(entries, at);
        return value == operation->result;
    }
    if (at == MISS) {
        insert(entries, key, operation->argument[1], false);
    } else {
        entries->value[at] = operation->argument[1];
        promote(entries, at);
    }
    return true;
}

static void call_get(long key) {
    int call = explore_call("get", key, 0);
    long value = get(key);
    explore_return(call, value);
    explore_say(call, "get(%ld): %ld", key, value);
}

static void call_put(long key, long value) {
    int call = explore_call("put", key, value);
    put(key, value);
    explore_return(call, 0);
    explore_say(call, "put(%ld, %ld)", key, value);
}

static void *use(void *argument) {
    long base = (long)argument;
    for (int i = 0; i < 2; i++) {
        long key = (long)explore_choose(3);
        if (explore_choose(2))
            call_put(key, base + i);
        else
            call_get(key);
    }
    return NULL;
}

static void run(void) {
    pthread_t threads[2];
    use((void *)10);
    for (long i = 0; i < 2; i++) pthread_create(&threads[i], NULL, use, (void *)(20 + 10 * i));
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    for (long key = 0; key < 3; key++) call_get(key);
    struct entries empty = {0};
    explore_check_linearizable("LRU cache", &empty, sizeof empty, step);
}

const struct explore_scenario explore_scenarios[] = {{"history", run}, {NULL, NULL}};
