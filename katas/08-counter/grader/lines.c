/* SPDX-License-Identifier: MIT */
/* lines.c -- who writes which cache lines.
 *
 *   lines
 *
 * A few layouts, one after the other: `threads` threads, started one after another and each on a processor of its own,
 * after `before` others have come, added and gone; all of them alive until the last has ended. Each adds to two
 * counters once, and when all have, ADDS times; that is noted. What one of them did at its first add is not.
 *
 * Evidence: what lines.h has, where `who` is a layout's, a counter's and a thread's number: (layout * 2 + counter) * 8
 * + thread. */
#include <stdlib.h>

#include "driver.h"
#include "evidence.h"
#include "gate.h"
#include "heap.h"
#include "lines.h"
#include "processors.h"

#define MOST 8
#define COUNTERS 2
#define ADDS 1000
#define PLACES 4

static const struct layout {
    uint64_t threads, before, first_processor;
} layouts[] = {{8, 0, 0}, {8, 100, 60}, {2, 0, 1}};

static struct {
    const struct layout *layout;
    uint64_t number; /* of the layout */
    struct counter *counters[COUNTERS];
    struct gate all_added, all_noted;
} now;

static void come(uint64_t number) {
    processor_is(number % MOST);
    counter_add(now.counters[0], 1);
}

static void add_noted(uint64_t me) {
    for (uint64_t which = 0; which < COUNTERS; which++) {
        lines_begin((now.number * COUNTERS + which) * MOST + me);
        for (int i = 0; i < ADDS; i++) counter_add(now.counters[which], 1);
        lines_end();
    }
}

static void *take_part(void *number) {
    uint64_t me = (uint64_t)(uintptr_t)number;
    processor_is(now.layout->first_processor + me);
    for (int which = 0; which < COUNTERS; which++) counter_add(now.counters[which], 1);
    gate_pass(&now.all_added);
    add_noted(me);
    gate_pass(&now.all_noted);
    return NULL;
}

static void play(const struct layout *layout) {
    pthread_t threads[MOST];
    now.layout = layout;
    gate_init(&now.all_added, layout->threads);
    gate_init(&now.all_noted, layout->threads);
    for (uint64_t i = 0; i < layout->before; i++) one_thread(come, i);
    for (uint64_t i = 0; i < layout->threads; i++) threads[i] = gate_thread(take_part, (void *)(uintptr_t)i);
    for (uint64_t i = 0; i < layout->threads; i++) pthread_join(threads[i], NULL);
    gate_destroy(&now.all_added);
    gate_destroy(&now.all_noted);
    evidence_progress();
}

/* A counter at an odd place, if malloc has any part in where it lies: blocks of changing sizes come before. */
static struct counter *oddly_placed(void) {
    struct counter *tried[PLACES];
    void *before[PLACES];
    int chosen = 0;
    for (int i = 0; i < PLACES; i++) {
        before[i] = malloc(16 + 24 * (size_t)(i % 2));
        tried[i] = new_counter();
        if ((uintptr_t)tried[i] % 64 != 0) chosen = i;
    }
    for (int i = 0; i < PLACES; i++) {
        free(before[i]);
        if (i != chosen) counter_free(tried[i]);
    }
    return tried[chosen];
}

void lines(uint64_t seed) {
    (void)seed; /* nothing is left to chance */
    processors_work(68);
    heap_keep_blocks();
    now.counters[0] = new_counter();
    now.counters[1] = oddly_placed();
    for (now.number = 0; now.number < sizeof layouts / sizeof *layouts; now.number++) play(&layouts[now.number]);
    lines_report();
    for (int which = 0; which < COUNTERS; which++) counter_free(now.counters[which]);
}
