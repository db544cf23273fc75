/* SPDX-License-Identifier: MIT */
/* come_and_go.c -- threads that come, add, and end.
 *
 *   come_and_go  one_by_one, at_once
 *
 * `one_by_one` threads one after another, each of which adds twice; then `at_once` together, of which none ends before
 * all have added; and again a few, one by one. The main thread reads after the first FEW, and at the end of each part.
 *
 * Evidence: the rows `parts`: `came` threads so far, their `sum`, and the bytes that the counter held then;
 * `grown_bytes`, what the process took from the first of them to the second. */
#include <stdio.h>
#include <stdlib.h>

#include "driver.h"
#include "evidence.h"
#include "gate.h"
#include "heap.h"
#include "pace.h"
#include "processors.h"
#include "scenario.h"

#define FEW 200
#define STACK_BYTES (64 * 1024)
#define PROGRESS 1000

EVIDENCE_ROW(part, came, sum, bytes);

static struct {
    struct counter *counter;
    struct gate all_there, all_added;
    uint64_t seed, came;
    int64_t bytes_before;
    struct part parts[4];
    size_t count;
} now;

/* The memory that the process has now, exactly. 0 where the kernel does not tell. */
static uint64_t resident_bytes(void) {
    char line[256];
    unsigned long long kilobytes = 0;
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    while (file && fgets(line, sizeof line, file) && sscanf(line, "Rss: %llu", &kilobytes) != 1) continue;
    if (file) fclose(file);
    return kilobytes * 1024;
}

static void add_twice(uint64_t number) {
    processor_is(number % 8);
    counter_add(now.counter, 2);
    counter_add(now.counter, -1);
}

static void *add_twice_alone(void *number) {
    add_twice((uint64_t)(uintptr_t)number);
    return NULL;
}

/* With a small stack, and none for signals: so many threads take a while, and room, as it is. */
static pthread_t begin(void *(*run)(void *), uint64_t number) {
    pthread_t thread;
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, STACK_BYTES);
    if (pthread_create(&thread, &small, run, (void *)(uintptr_t)number) != 0) abort();
    pthread_attr_destroy(&small);
    return thread;
}

static void come(uint64_t threads) {
    for (uint64_t i = 0; i < threads; i++, now.came++) {
        pthread_join(begin(add_twice_alone, i), NULL);
        if (i % PROGRESS == 0) evidence_progress();
    }
}

static void *add_twice_and_stay(void *number) {
    pace_unsteady(now.seed, (uint64_t)(uintptr_t)number);
    gate_pass(&now.all_there);
    add_twice((uint64_t)(uintptr_t)number);
    gate_pass(&now.all_added);
    return NULL;
}

static void note_part(void) {
    uint64_t sum = (uint64_t)counter_read(now.counter), bytes = (uint64_t)(heap_live_bytes() - now.bytes_before);
    now.parts[now.count++] = (struct part){now.came, sum, bytes};
    evidence_progress();
}

static void come_at_once(uint64_t count) {
    pthread_t *threads = malloc(count * sizeof *threads);
    gate_init(&now.all_there, count);
    gate_init(&now.all_added, count);
    for (uint64_t i = 0; i < count; i++) threads[i] = begin(add_twice_and_stay, i);
    for (uint64_t i = 0; i < count; i++) pthread_join(threads[i], NULL);
    gate_destroy(&now.all_there);
    gate_destroy(&now.all_added);
    free(threads);
    now.came += count;
}

void come_and_go(uint64_t seed) {
    now.seed = seed;
    uint64_t one_by_one = scenario_param("one_by_one"), at_once = scenario_param("at_once");
    now.bytes_before = heap_live_bytes();
    now.counter = new_counter();
    come(FEW);
    note_part();
    uint64_t resident = resident_bytes();
    come(one_by_one - FEW);
    note_part();
    uint64_t grown = resident_bytes();
    come_at_once(at_once);
    note_part();
    come(FEW);
    note_part();
    evidence_rows("parts", part, now.parts, now.count);
    evidence_count("grown_bytes", grown > resident ? grown - resident : 0);
    counter_free(now.counter);
}
