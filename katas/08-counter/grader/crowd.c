/* SPDX-License-Identifier: MIT */
/* crowd.c -- many threads add, and look at the sum themselves; one does nothing but read.
 *
 *   crowd  threads, adds (each), moves (0 or 1)
 *
 * moves=1: each thread is moved to another processor between any two steps, as far as the counter asks for its number
 * (the stress build). All adds are positive, so that a later read of one thread answers no less than an earlier one,
 * and no less than the thread has added itself. Nothing but the counter orders one thread before another, until all
 * have been joined, except that those who add wait for each other once, half-way: short work meets then, however busy
 * the machine is.
 *
 * When that is over, a few threads add the largest number to another counter: sums wrap.
 *
 * Evidence: `wrapped`, of WRAPS reads those that were right; `added` and `sum`, when all have ended; `reads`; the rows
 * `drops`, reads that answered less than that. */
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "crew.h"
#include "driver.h"
#include "evidence.h"
#include "gate.h"
#include "pace.h"
#include "processors.h"
#include "rng.h"
#include "scenario.h"

#define PROCESSORS 8
#define ADDS_PER_READ 16
#define DROPS_MAX 8
#define WRAPS 4
#define STEPS_MAX 200000

/* `reader`: the thread's number; the last one only reads. `nth`: of its reads. */
EVIDENCE_ROW(drop, reader, nth, own, before, answered);

static struct {
    uint64_t seed, threads, adds, moves;
    struct counter *counter;
    struct gate half;
    _Atomic uint64_t added, reads, drop_count, adding;
    struct drop drops[DROPS_MAX];
} c;

#define ENDLESS "had not ended after 200,000 of its own steps", "an end"

static void endless_add(void) {
    evidence_broken_off("counter_add", ENDLESS, "for what does this loop wait?");
}

static void endless_read(void) {
    evidence_broken_off("counter_read", ENDLESS, "for what does this loop wait?");
}

/* Between 1 and 2^34: sums grow over 2^32 soon. */
static uint64_t amount(struct rng *rng) {
    return 1 + (rng_next(rng) >> (30 + rng_below(rng, 34)));
}

static uint64_t read_once(void) {
    pace_count_steps(STEPS_MAX, endless_read);
    uint64_t sum = (uint64_t)counter_read(c.counter);
    pace_count_steps(0, NULL);
    return sum;
}

/* Answers the larger of the two, for the next read. */
static uint64_t look(uint64_t me, uint64_t nth, uint64_t own, uint64_t before) {
    uint64_t sum = read_once(), least = own > before ? own : before;
    if (sum >= least) return sum;
    uint64_t at = atomic_fetch_add_explicit(&c.drop_count, 1, memory_order_relaxed);
    if (at < DROPS_MAX) c.drops[at] = (struct drop){me, nth, own, before, sum};
    return least;
}

static void only_read(uint64_t me) {
    uint64_t before = 0, nth = 0;
    while (atomic_load_explicit(&c.adding, memory_order_relaxed) > 0) {
        before = look(me, ++nth, 0, before);
        sched_yield();
    }
    atomic_fetch_add_explicit(&c.reads, nth, memory_order_relaxed);
}

static void add_all(uint64_t me) {
    struct rng rng = rng_new(c.seed, me);
    uint64_t own = 0, before = 0, nth = 0;
    for (uint64_t i = 0; i < c.adds; i++) {
        uint64_t n = amount(&rng);
        if (i == c.adds / 2) gate_pass(&c.half);
        pace_count_steps(STEPS_MAX, endless_add);
        counter_add(c.counter, (int64_t)n);
        pace_count_steps(0, NULL);
        own += n;
        if (i % ADDS_PER_READ == 0) before = look(me, ++nth, own, before);
    }
    atomic_fetch_add_explicit(&c.added, own, memory_order_relaxed);
    atomic_fetch_add_explicit(&c.reads, nth, memory_order_relaxed);
    atomic_fetch_sub_explicit(&c.adding, 1, memory_order_relaxed);
}

static void take_part(uint64_t me) {
    pace_unsteady(c.seed, me);
    if (c.moves) processor_moves(c.seed, me, PROCESSORS);
    me == c.threads ? only_read(me) : add_all(me);
}

static struct counter *wrapping;

static void add_most(uint64_t number) {
    counter_add(wrapping, number % 2 ? INT64_MIN : INT64_MAX);
    counter_add(wrapping, number % 2 ? -3 : 3);
}

/* Each thread may well have a part of the sum that wraps, and the parts together wrap, too. */
static uint64_t wrap(void) {
    uint64_t due = 0, right = 0;
    wrapping = new_counter();
    for (uint64_t i = 0; i < WRAPS; i++) {
        one_thread(add_most, i / 2);
        due += i / 2 % 2 ? (uint64_t)INT64_MIN - 3 : (uint64_t)INT64_MAX + 3;
        right += (uint64_t)counter_read(wrapping) == due;
    }
    counter_free(wrapping);
    return right;
}

void crowd(uint64_t seed) {
    c.seed = seed;
    c.threads = scenario_param("threads");
    c.adds = scenario_param("adds");
    c.moves = scenario_param("moves");
    c.adding = c.threads;
    if (c.moves) processors_work(PROCESSORS);
    c.counter = new_counter();
    gate_init(&c.half, c.threads);
    crew_join(crew_start(c.threads + 1, take_part));
    gate_destroy(&c.half);
    uint64_t drops = c.drop_count;
    evidence_count("added", c.added);
    evidence_count("sum", read_once());
    evidence_count("reads", c.reads);
    evidence_rows("drops", drop, c.drops, drops < DROPS_MAX ? drops : DROPS_MAX);
    counter_free(c.counter);
    evidence_count("wrapped", wrap());
}
