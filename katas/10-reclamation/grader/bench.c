/* SPDX-License-Identifier: MIT */
/* bench.c -- a fixed amount of work, timed from outside.
 *
 *   bench  threads, tagged (calls of push and pop on the slots' stack, in all), values (on the stack of values), reads
 * (hp_protect and hp_clear), slots cost   the same, for the lab
 *
 * A thread pops and pushes in pairs. Evidence: `sum`, of what came out of the stack of values in the end and on the
 * way, less what went in; `slots_left`, `reads`; of cost `cpu_us`, the CPU time of the whole process. */
#include <stdatomic.h>
#include <time.h>

#include "crew.h"
#include "driver.h"
#include "evidence.h"
#include "scenario.h"

#define VALUES 64

static struct {
    uint64_t tagged, values, reads;
    struct tagged_stack *slots;
    struct hp_domain *domain;
    struct hp_stack *stack;
    _Atomic(void *) cell;
    _Atomic uint64_t sum, seen;
} b;

static void use_slots(uint64_t pairs) {
    for (uint64_t i = 0; i < pairs; i++) {
        uint32_t slot = tagged_pop(b.slots);
        if (slot != UINT32_MAX) (void)tagged_push(b.slots, slot);
    }
}

static void use_values(struct hp_thread *me, uint64_t pairs) {
    uint64_t sum = 0, value;
    for (uint64_t i = 0; i < pairs; i++) {
        if (!hp_stack_pop(b.stack, me, &value)) continue;
        sum += value;
        if (hp_stack_push(b.stack, me, value + 1)) sum -= value + 1;
    }
    atomic_fetch_add_explicit(&b.sum, sum, memory_order_relaxed);
}

static void use_reads(struct hp_thread *me, uint64_t reads) {
    uint64_t seen = 0;
    for (uint64_t i = 0; i < reads; i++) {
        uint64_t *number = hp_protect(me, 0, &b.cell);
        seen += *number;
        hp_clear(me, 0);
    }
    atomic_fetch_add_explicit(&b.seen, seen, memory_order_relaxed);
}

static void work(uint64_t number) {
    (void)number;
    use_slots(b.tagged);
    if (!b.domain) return;
    struct hp_thread *me = attached(b.domain);
    use_values(me, b.values);
    use_reads(me, b.reads);
    hp_detach(me);
}

/* What is not used is not made: a library may have one half of the two. */
static struct hp_thread *open(uint64_t threads, uint64_t slots) {
    static uint64_t one = 1;
    if (b.tagged > 0) b.slots = new_tagged((uint32_t)slots);
    for (uint32_t i = 0; b.slots && i < slots; i++) (void)tagged_push(b.slots, i);
    if (b.values + b.reads == 0) return NULL;
    b.domain = new_domain(threads + 1, 1);
    b.stack = new_hp_stack(b.domain);
    b.cell = &one;
    struct hp_thread *me = attached(b.domain);
    for (uint64_t i = 0; i < VALUES; i++)
        if (hp_stack_push(b.stack, me, i)) b.sum -= i;
    return me;
}

static void close_values(struct hp_thread *me) {
    uint64_t value;
    while (hp_stack_pop(b.stack, me, &value)) b.sum += value;
    hp_stack_free(b.stack, me);
    hp_detach(me);
    hp_free(b.domain);
}

static void work_all(void) {
    uint64_t threads = scenario_param("threads"), slots = scenario_param("slots"), left;
    b.tagged = scenario_param("tagged") / threads / 2, b.values = scenario_param("values") / threads / 2;
    b.reads = scenario_param("reads") / threads;
    struct hp_thread *me = open(threads, slots);
    crew_join(crew_start(threads, work));
    if (me) close_values(me);
    for (left = b.slots ? 0 : slots; b.slots && tagged_pop(b.slots) != UINT32_MAX;) left++;
    if (b.slots) tagged_free(b.slots);
    evidence_count("sum", b.sum);
    evidence_count("slots_left", left);
    evidence_count("reads", b.seen);
}

void bench(uint64_t seed) {
    (void)seed; /* the same work every time */
    work_all();
}

void cost(uint64_t seed) {
    struct timespec used;
    (void)seed;
    work_all();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    evidence_count("cpu_us", (uint64_t)used.tv_sec * 1000000 + (uint64_t)used.tv_nsec / 1000);
}
