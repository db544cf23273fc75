/* SPDX-License-Identifier: MIT */
/* counts.c -- what the calls cost, counted.
 *
 *   counts
 *
 * Adds and reads of one thread, after few adds and after many; the same, and the first adds of new threads, after few
 * other threads have come and gone, and after many. */
#include "driver.h"

#include "costs.h"
#include "evidence.h"

#define FEW_ADDS 1000
#define MANY_ADDS 500000
#define FEW_THREADS 10
#define MANY_THREADS 5000
#define CALLS 200
#define STEP_LIMIT 20000 /* a call */

enum phase { ADD, READ, ADD_AFTER_THREADS, READ_AFTER_THREADS, FIRST_ADD };

static struct counter *counter;

static void add(enum phase phase, uint64_t size, uint64_t n) {
    cost_begin(phase, size, n, n * STEP_LIMIT);
    for (uint64_t i = 0; i < n; i++) counter_add(counter, (int64_t)i);
    cost_end();
}

static void read(enum phase phase, uint64_t size) {
    cost_begin(phase, size, CALLS, (uint64_t)CALLS * STEP_LIMIT);
    for (int i = 0; i < CALLS; i++) (void)counter_read(counter); /* what it answers, is other checks' concern */
    cost_end();
}

static void come(uint64_t number) {
    counter_add(counter, (int64_t)number);
}

/* Both rows of a phase have as many calls, by as many new threads. */
static void come_first(uint64_t size) {
    add(FIRST_ADD, size, 1);
}

static void after_adds(uint64_t adds) {
    counter = new_counter();
    add(ADD, adds, adds);
    read(READ, adds);
    counter_free(counter);
}

static void after_threads(uint64_t threads) {
    counter = new_counter();
    for (uint64_t i = 0; i < threads; i++) one_thread(come, i);
    evidence_progress();
    add(ADD_AFTER_THREADS, threads, CALLS);
    read(READ_AFTER_THREADS, threads);
    for (int i = 0; i < CALLS; i++) one_thread(come_first, threads);
    counter_free(counter);
}

void counts(uint64_t seed) {
    (void)seed; /* counts do not depend on chance */
    after_adds(FEW_ADDS);
    after_adds(MANY_ADDS);
    after_threads(FEW_THREADS);
    after_threads(MANY_THREADS);
    costs_report();
}
