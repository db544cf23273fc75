/* SPDX-License-Identifier: MIT
 *
 * uninitialized.c -- memory that is read before it was written, and copies and wide loads of it that matter to nobody.
 *
 * planted 1 (uninitialized_read): a flag that malloc is trusted to clear
 * planted 2 (uninitialized_read): the same, read by another thread
 * planted 3 (uninitialized_read): an atomic that was never initialised
 * planted 4 (uninitialized_read): the part that realloc has added
 * planted 5 (uninitialized_read): a copied structure of which one member was never written
 * planted 6 (uninitialized_read): structures compared with their padding
 * planted 7 (uninitialized_read): a pointer that was never set is followed
 * planted 8 (uninitialized_read): a block that was freed and is given out again
 * planted 9 (uninitialized_read): an index that was never set leads out of another block
 * planted 10 (property): a local flag that nothing has set, trusted to be 0
 * planted 11 (property): the same in a structure whose other members are set */
#include "explore.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifndef PLANTED
#define PLANTED 0
#endif

struct entry {
    char used;
    int key;
    long value;
    struct entry *next;
};

static long total;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static struct entry *entry_new(int key) {
    struct entry *entry = malloc(sizeof *entry);
    entry->key = key;
    entry->value = 1;
    if (PLANTED != 1 && PLANTED != 2) entry->used = 1;
    if (PLANTED != 7) entry->next = NULL;
    return entry;
}

static void *count(void *argument) {
    struct entry *entry = argument;
    pthread_mutex_lock(&mutex);
    if (entry->used) total += entry->value;
    pthread_mutex_unlock(&mutex);
    return NULL;
}

static void run_entry(void) {
    struct entry *entry = entry_new(1);
    pthread_t thread;
    if (PLANTED != 1) {
        pthread_create(&thread, NULL, count, entry);
        pthread_join(thread, NULL);
    } else {
        count(entry);
    }
    if (PLANTED == 7) count(entry->next);
    free(entry);
}

struct counter {
    atomic_int started;
    int padding[3];
};

static void run_atomic(void) {
    struct counter *counter = malloc(sizeof *counter);
    if (PLANTED != 3) atomic_init(&counter->started, 0);
    if (atomic_fetch_add(&counter->started, 1) == 0) total++;
    free(counter);
}

static void run_growth(void) {
    int *slots = malloc(4 * sizeof *slots);
    for (int i = 0; i < 4; i++) slots[i] = 1;
    slots = realloc(slots, 8 * sizeof *slots);
    if (PLANTED != 4) memset(slots + 4, 0, 4 * sizeof *slots);
    for (int i = 0; i < 8; i++)
        if (slots[i] == 1) total++;
    free(slots);
}

/* A ring that grows copies its slots, those too that nobody has used yet. */
static void run_copies(void) {
    struct entry *ring = malloc(4 * sizeof *ring), *larger = malloc(8 * sizeof *ring);
    long *words = malloc(4 * sizeof *words), *more = malloc(4 * sizeof *words);
    ring[0].used = 1;
    if (PLANTED != 5) ring[0].key = 1;
    for (int i = 0; i < 4; i++) larger[i] = ring[i];
    for (int i = 0; i < 4; i++) more[i] = words[i];
    if (larger[0].used && larger[0].key == 1) total++;
    struct entry swapped = larger[0];
    larger[0] = larger[1];
    larger[1] = swapped;
    words = realloc(words, 1);
    free(ring), free(larger), free(words), free(more);
}

static void run_comparison(void) {
    struct entry *one = PLANTED == 6 ? malloc(sizeof *one) : calloc(1, sizeof *one), *other = calloc(1, sizeof *other);
    one->used = other->used = 1;
    one->key = other->key = 2;
    one->value = other->value = 3;
    one->next = other->next = NULL;
    if (memcmp(one, other, sizeof *one) == 0) total++;
    free(one), free(other);
}

static void run_reuse(void) {
    for (int i = 0; i < 2; i++) {
        struct entry *entry = malloc(sizeof *entry);
        if (PLANTED != 8 || i == 0) entry->used = 1;
        if (entry->used == 1) total++;
        free(entry);
    }
}

/* With other bytes the index stays inside, or the write is another one: the read is told, not what comes of it. */
static void run_index(void) {
    unsigned char *index = malloc(1), *seats = calloc(1, 200);
    if (PLANTED != 9) *index = 5;
    seats[*index] = 1;
    free(index), free(seats);
}

struct search {
    int length, found, place;
};

static __attribute__((noinline)) int any(const int *values, int count) {
    int found;
    if (PLANTED != 10) found = 0;
    for (int i = 0; i < count; i++)
        if (values[i] > 3) found = 1;
    return found;
}

static __attribute__((noinline)) struct search searched(const int *values, int count) {
    struct search search;
    search.length = count;
    search.place = 0;
    if (PLANTED != 11) search.found = 0;
    for (int i = 0; i < count; i++)
        if (values[i] > 3) search.found = 1, search.place = i;
    return search;
}

/* Locals have no hook of their own: the compiler fills them with what is no lucky 0. */
static void run_locals(void) {
    static const int values[] = {1, 2, 3};
    if (any(values, 3)) explore_fail("3 values are not greater than 3, one was found");
    if (searched(values, 3).found) explore_fail("3 values are not greater than 3, one was found");
}

/* Briggs and Torczon's set: what was never written is read, and believed only where another array agrees. */
static void run_sparse_set(void) {
    enum { SIZE = 16 };
    unsigned *sparse = malloc(SIZE * sizeof *sparse), *dense = malloc(SIZE * sizeof *dense), count = 0;
    for (unsigned i = 0; i < SIZE; i += 3) {
        unsigned at = sparse[i];
        if (at < count && dense[at] == i) continue;
        sparse[i] = count;
        dense[count++] = i;
    }
    total += count;
    free(sparse), free(dense);
}

struct flags {
    unsigned low : 3, middle : 7, high : 6;
};

static struct entry made(int key) {
    return (struct entry){1, key, 2, NULL};
}

struct pair {
    uint32_t left, right;
};

static struct pair pair_of(uint32_t left) {
    return (struct pair){left, 0xcdcdcdcd};
}

/* Bit fields share a word; a structure that a call returns is written where no instrumentation sees it. */
static void run_parts(void) {
    struct flags *flags = malloc(sizeof *flags);
    flags->middle = 5;
    flags->low = 1;
    if (flags->middle == 5 && flags->low == 1) total++;
    struct entry *entry = malloc(sizeof *entry);
    *entry = made(3);
    struct pair *pair = malloc(sizeof *pair);
    *pair = pair_of(3);
    if (entry->used && entry->key == 3 && entry->value == 2 && !entry->next && pair->left == 3) total++;
    free(flags), free(entry), free(pair);
}

const struct explore_scenario explore_scenarios[] = {
    {"entry", run_entry},
    {"atomic", run_atomic},
    {"growth", run_growth},
    {"copies", run_copies},
    {"comparison", run_comparison},
    {"reuse", run_reuse},
    {"sparse_set", run_sparse_set},
    {"parts", run_parts},
    {"index", run_index},
    {"locals", run_locals},
    {NULL, NULL},
};
