/* SPDX-License-Identifier: MIT */
/* stack_driver.c -- one thread pops; another pops two slots and pushes the
 * first of them again. In the end each slot is inside, or held, once. */
#include "explore.h"
#include "stack.h"

#include <pthread.h>

static uint32_t held;

static void *pop_two(void *unused) {
    uint32_t first = pop();
    held = pop();
    if (first != NO_SLOT) push(first);
    return unused;
}

static void count(int *times, uint32_t slot) {
    if (slot != NO_SLOT && ++times[slot] > 1) explore_fail("slot %u is there twice", slot);
}

static void pushed_again(void) {
    int times[SLOTS] = {0};
    for (uint32_t slot = 0; slot < SLOTS; slot++) push(slot);
    pthread_t thread;
    pthread_create(&thread, NULL, pop_two, NULL);
    count(times, pop());
    pthread_join(thread, NULL);
    count(times, held);
    for (uint32_t slot = pop(); slot != NO_SLOT; slot = pop()) count(times, slot);
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        if (!times[slot]) explore_fail("slot %u is lost", slot);
    }
}

const struct explore_scenario explore_scenarios[] = {{"pushed_again", pushed_again}, {NULL, NULL}};
