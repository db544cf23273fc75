/* SPDX-License-Identifier: MIT */
/* memory.c -- what a counter takes, and gives back.
 *
 *   no_memory   see refusals.h; then many counters at once, each with a sum of its own
 *
 * Evidence beside: `side_by_side`, the counters that answered their own sum; `bytes_each`, what one of them took. */
#include <stdbool.h>

#include "driver.h"
#include "evidence.h"
#include "heap.h"
#include "refusals.h"

#define SIDE_BY_SIDE 100

static void *make(void) {
    return counter_new();
}

static bool works(void *c) {
    counter_add(c, 5);
    return counter_read(c) == 5;
}

static void end(void *c) {
    counter_free(c);
}

static struct counter *lent;

static void add_some(uint64_t number) {
    for (uint64_t i = 0; i < number % 3; i++) counter_add(lent, 1);
}

/* Threads that have added are gone, or never were, when it ends. */
static void live(uint64_t number) {
    lent = new_counter();
    for (uint64_t i = 0; i < number % 4; i++) one_thread(add_some, number);
    counter_free(lent);
}

static void many_at_once(void) {
    struct counter *c[SIDE_BY_SIDE];
    uint64_t right = 0;
    int64_t before = heap_live_bytes();
    for (int i = 0; i < SIDE_BY_SIDE; i++) c[i] = new_counter();
    evidence_count("bytes_each", (uint64_t)(heap_live_bytes() - before) / SIDE_BY_SIDE);
    for (int i = 0; i < SIDE_BY_SIDE; i++) counter_add(c[i], i - 50);
    for (int i = 0; i < SIDE_BY_SIDE; i++) right += counter_read(c[i]) == i - 50;
    for (int i = 0; i < SIDE_BY_SIDE; i++) counter_free(c[i]);
    evidence_count("side_by_side", right);
}

void no_memory(uint64_t seed) {
    (void)seed;
    refuse_each(&(struct refused_object){make, works, end, live});
    many_at_once();
}
