/* SPDX-License-Identifier: MIT */
/* separate.c -- counters side by side and one after the other, perhaps at the same address, used by the same threads.
 *
 *   separate  generations
 *
 * THREADS threads live through all generations. In each of them COUNTERS counters are made, read, added to by all
 * threads at once, read again and freed; in every second one half of them are freed in the middle, while the threads go
 * on with the others. Then the main thread adds to as many counters, and again to those that are made when 16 bits have
 * counted all counters between.
 *
 * Evidence: the rows `counters`: what each answered when it was `born`, what was `added` to it, and the `sum` then. */
#include <stdbool.h>
#include <stdlib.h>

#include "crew.h"
#include "driver.h"
#include "evidence.h"
#include "gate.h"
#include "pace.h"
#include "processors.h"
#include "scenario.h"

#define THREADS 3
#define COUNTERS 4
#define ADDS 20
#define PROCESSORS 4
#define MANY 65536 /* counters: a number of 16 bits is the same again */
#define FILLERS 64

EVIDENCE_ROW(life, generation, number, born, added, sum);

static struct {
    uint64_t seed, generations;
    struct counter *counters[COUNTERS];
    struct life *lives;
    struct gate begin, middle, end;
} s;

static struct life *life_of(uint64_t generation, uint64_t number) {
    return &s.lives[generation * COUNTERS + number];
}

static void make_all(uint64_t generation) {
    for (uint64_t i = 0; i < COUNTERS; i++) {
        s.counters[i] = new_counter();
        *life_of(generation, i) = (struct life){generation, i, (uint64_t)counter_read(s.counters[i]), 0, 0};
    }
}

static void end_one(uint64_t generation, uint64_t i, uint64_t rounds) {
    struct life *life = life_of(generation, i);
    life->added = THREADS * ADDS * rounds * (i + 1);
    life->sum = (uint64_t)counter_read(s.counters[i]);
    counter_free(s.counters[i]);
    s.counters[i] = NULL;
}

static void add_to_all(void) {
    for (int k = 0; k < ADDS; k++)
        for (uint64_t i = 0; i < COUNTERS; i++)
            if (s.counters[i]) counter_add(s.counters[i], (int64_t)i + 1);
}

/* Thread 0 makes and ends the counters; the gates order the others around that. */
static void live(uint64_t me) {
    pace_unsteady(s.seed, me);
    processor_moves(s.seed, me, PROCESSORS);
    for (uint64_t g = 0; g < s.generations; g++) {
        if (me == 0) make_all(g);
        gate_pass(&s.begin);
        add_to_all();
        gate_pass(&s.middle);
        if (me == 0 && g % 2 == 1) end_one(g, 1, 1), end_one(g, 2, 1);
        gate_pass(&s.middle);
        add_to_all();
        gate_pass(&s.end);
        for (uint64_t i = 0; me == 0 && i < COUNTERS; i++)
            if (s.counters[i]) end_one(g, i, 2);
        if (me == 0) evidence_progress();
    }
}

static void make_some(uint64_t count) {
    for (uint64_t i = 0; i < count; i++) {
        counter_free(new_counter());
        if (i % 4096 == 0) evidence_progress();
    }
}

/* The last ones are made when these are freed, in the same order, with no other gap where they would fit: where these
 * lay, most likely. */
static void after_many(uint64_t generation) {
    struct counter *fillers[FILLERS], *before[COUNTERS];
    for (int i = 0; i < FILLERS; i++) fillers[i] = new_counter();
    for (int i = 0; i < COUNTERS; i++) counter_add(before[i] = new_counter(), 5);
    make_some(MANY - COUNTERS);
    for (int i = 0; i < COUNTERS; i++) counter_free(before[i]);
    for (uint64_t i = 0; i < COUNTERS; i++) {
        struct life *last = life_of(generation, i);
        struct counter *counter = s.counters[i] = new_counter();
        *last = (struct life){MANY / COUNTERS, i, (uint64_t)counter_read(counter), 7, 0};
        counter_add(counter, 7);
        last->sum = (uint64_t)counter_read(counter);
    }
    for (int i = 0; i < COUNTERS; i++) counter_free(s.counters[i]);
    for (int i = 0; i < FILLERS; i++) counter_free(fillers[i]);
}

void separate(uint64_t seed) {
    s.seed = seed;
    s.generations = scenario_param("generations");
    processors_work(PROCESSORS);
    s.lives = calloc((s.generations + 1) * COUNTERS, sizeof *s.lives);
    struct gate *gates[] = {&s.begin, &s.middle, &s.end};
    for (int i = 0; i < 3; i++) gate_init(gates[i], THREADS);
    crew_join(crew_start(THREADS, live));
    after_many(s.generations);
    evidence_rows("counters", life, s.lives, (s.generations + 1) * COUNTERS);
    for (int i = 0; i < 3; i++) gate_destroy(gates[i]);
    free(s.lives);
}
