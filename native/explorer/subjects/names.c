/* SPDX-License-Identifier: MIT
 *
 * names.c -- places whose names a message has to find: a member of an array in a struct in an array in a function, and
 * one of a flexible array in a block that only another block leads to.
 *
 * planted 1 (race): seats[2].held.by[1] is written without the lock
 * planted 2 (race): so is a count of the second link */
#include "explore.h"

#include <pthread.h>
#include <stdlib.h>

#ifndef PLANTED
#define PLANTED 0
#endif

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

struct link {
    struct link *next;
    long counts[];
};

static struct link *first;

static void lock(int planted) {
    if (PLANTED != planted) pthread_mutex_lock(&mutex);
}

static void unlock(int planted) {
    if (PLANTED != planted) pthread_mutex_unlock(&mutex);
}

static void *sit(void *unused) {
    static struct {
        char row;
        struct {
            short since, by[3];
        } held;
    } seats[4];
    unsigned at = 2 + explore_choose(1); /* else clang takes the array apart */
    lock(1);
    seats[at].held.by[1]++;
    unlock(1);
    return unused;
}

static void *count_second(void *unused) {
    lock(2);
    first->next->counts[1]++;
    unlock(2);
    return unused;
}

static void run_both(void *(*routine)(void *)) {
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, routine, NULL);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
}

static void run_seats(void) {
    run_both(sit);
}

static void run_links(void) {
    first = calloc(1, sizeof *first);
    first->next = calloc(1, sizeof *first + 2 * sizeof(long));
    run_both(count_second);
    free(first->next);
    free(first);
    first = NULL;
}

const struct explore_scenario explore_scenarios[] = {{"seats", run_seats}, {"links", run_links}, {NULL, NULL}};
