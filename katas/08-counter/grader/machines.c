/* SPDX-License-Identifier: MIT */
/* machines.c -- small machines, large ones, and some of whose processors are switched off.
 *
 *   machines
 *
 * On each, a thread on each of some processors adds to a new counter.
 *
 * Evidence: the rows `machines`: how many processors are `working`, the `largest` number that a thread had, what was
 * `added`, the `sum`, and the `bytes` that the counter took. */
#include <stddef.h>

#include "driver.h"
#include "evidence.h"
#include "heap.h"
#include "processors.h"

#define THREADS 20

EVIDENCE_ROW(machine, working, largest, added, sum, bytes);

static struct machine machines_tried[] = {{.working = 1, .largest = 0},     {.working = 2, .largest = 1},
                                          {.working = 2, .largest = 37},    {.working = 12, .largest = 11},
                                          {.working = 96, .largest = 127},  {.working = 256, .largest = 255},
                                          {.working = 800, .largest = 8191}};
#define COUNT (sizeof machines_tried / sizeof *machines_tried)

static struct counter *counter;
static const struct machine *here;

/* The last one has the largest number; the others are spread over those below. */
static void add_there(uint64_t number) {
    processor_is(here->largest * number / (THREADS - 1));
    counter_add(counter, (int64_t)number + 1);
}

void machines(uint64_t seed) {
    (void)seed;
    for (struct machine *m = machines_tried; m < machines_tried + COUNT; m++) {
        here = m;
        processors_work(m->working);
        int64_t before = heap_live_bytes();
        counter = new_counter();
        m->bytes = (uint64_t)(heap_live_bytes() - before);
        for (uint64_t i = 0; i < THREADS; i++) one_thread(add_there, i);
        m->added = THREADS * (THREADS + 1) / 2;
        m->sum = (uint64_t)counter_read(counter);
        counter_free(counter);
    }
    evidence_rows("machines", machine, machines_tried, COUNT);
}
