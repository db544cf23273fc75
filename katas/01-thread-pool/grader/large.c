/* SPDX-License-Identifier: MIT */
/* large.c -- a long queue: more jobs than 16 bits count, or a table of half a million holds.
 *
 *   large  capacity
 *
 * One worker, kept busy by a job that waits. Then jobs are submitted by
 * pool_try_submit until one is refused, or a hundred more than there is room
 * for have been taken. Then the worker is let go, and pool_wait_idle called.
 * Job LONG_ONE takes a while, so that a waiter who need not wait for it, or
 * thinks so, is gone before the rest has run.
 *
 * Evidence: `allocations` between pool_new and pool_free; `accepted`, the jobs taken; `last_answer`, that of the last
 * call; `unfinished`, jobs not yet done when pool_wait_idle returned; `misordered`, jobs that did not start next after
 * the one accepted before them. */
#include "driver.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "evidence.h"
#include "gate.h"
#include "heap.h"
#include "scenario.h"

#define TOO_MANY 100
#define LONG_ONE 60000
#define LONG_NS 250000000

static struct {
    struct gate begun, go_on;
    atomic_ulong done;
    uint64_t expected, misordered; /* the worker's */
    unsigned char *slots;
} l;

static void plug(void *unused) {
    (void)unused;
    gate_pass(&l.begun);
    gate_pass(&l.go_on);
}

static void note(void *slot) {
    uint64_t number = (uint64_t)((unsigned char *)slot - l.slots);
    l.misordered += number != l.expected;
    l.expected = number + 1;
    if (number == LONG_ONE) nanosleep(&(struct timespec){0, LONG_NS}, NULL);
    atomic_fetch_add(&l.done, 1);
}

void large(uint64_t seed) {
    (void)seed;
    uint64_t capacity = scenario_param("capacity"), accepted = 0;
    struct thread_pool *pool = new_pool(1, capacity);
    enum pool_status answer;
    l.slots = calloc(capacity + TOO_MANY, 1);
    uint64_t taken = heap_allocations();
    gate_init(&l.begun, 2);
    gate_init(&l.go_on, 2);
    (void)pool_submit(pool, plug, NULL); /* a pool that refuses it never gets past the gate, and the deadline says so */
    gate_pass(&l.begun);
    while ((answer = pool_try_submit(pool, note, &l.slots[accepted])) == POOL_OK)
        if (++accepted == capacity + TOO_MANY) break;
    gate_pass(&l.go_on);
    pool_wait_idle(pool);
    evidence_count("unfinished", accepted - atomic_load(&l.done));
    evidence_count("allocations", heap_allocations() - taken);
    pool_free(pool);
    evidence_count("accepted", accepted);
    evidence_count("last_answer", answer);
    evidence_count("misordered", l.misordered);
    free(l.slots);
}
