/* SPDX-License-Identifier: MIT */
/* bench.c -- a fixed amount of adds, timed from outside.
 *
 *   bench  threads, adds (each), reads (each)
 *   cost   the same, for the lab
 *
 * Evidence: `added`; the `sum` when all threads have ended, and `early`, before the first has; of cost `cpu_us`, the
 * CPU time of the whole process, which others on the machine hardly change. */
#include <time.h>

#include "crew.h"
#include "driver.h"
#include "evidence.h"
#include "gate.h"
#include "scenario.h"

static struct {
    uint64_t adds, reads;
    struct counter *counter;
    struct gate done; /* all have added, and none has ended */
    uint64_t early;
} b;

static void work(uint64_t number) {
    uint64_t every = b.reads ? b.adds / b.reads : b.adds + 1;
    for (uint64_t i = 1; i <= b.adds; i++) {
        counter_add(b.counter, (int64_t)(number + 1));
        if (i % every == 0) (void)counter_read(b.counter); /* for its time alone */
    }
    gate_pass(&b.done);
    if (number == 0) b.early = (uint64_t)counter_read(b.counter);
    gate_pass(&b.done);
}

static void work_all(void) {
    uint64_t threads = scenario_param("threads");
    b.adds = scenario_param("adds");
    b.reads = scenario_param("reads");
    b.counter = new_counter();
    gate_init(&b.done, threads);
    crew_join(crew_start(threads, work));
    gate_destroy(&b.done);
    evidence_count("added", b.adds * (threads * (threads + 1) / 2));
    evidence_count("early", b.early);
    evidence_count("sum", (uint64_t)counter_read(b.counter));
    counter_free(b.counter);
}

void bench(uint64_t seed) {
    (void)seed; /* the same work every time */
    work_all();
}

void cost(uint64_t seed) {
    (void)seed;
    struct timespec used;
    work_all();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    evidence_count("cpu_us", (uint64_t)used.tv_sec * 1000000 + (uint64_t)used.tv_nsec / 1000);
}
