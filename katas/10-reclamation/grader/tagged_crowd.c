/* SPDX-License-Identifier: MIT */
/* tagged_crowd.c -- threads that pop slots, use them and push them again at once.
 *
 *   tagged_crowd  threads, uses (each), slots
 *
 * A thread that pops a slot has it alone: it says so in `owner`, counts its use in plain memory, and pushes it again;
 * now and then it pops a second one before, and pushes the two in the other order. Relaxed, `owner` orders nothing that
 * the stack has to order.
 *
 * Evidence: `uses`, counted by the threads, and `used`, by the slots; the rows `twice`, of a slot that came to a thread
 * while another one had it; `strange`, answers that are no slot; the series `left`, what came out at the end. */
#include <stdatomic.h>
#include <stdlib.h>

#include "crew.h"
#include "driver.h"
#include "evidence.h"
#include "pace.h"
#include "rng.h"
#include "scenario.h"

#define SLOTS_MAX 64
#define TWICE_MAX 8
#define STEPS_MAX 200000 /* a call may meet others, not so many */

EVIDENCE_ROW(meeting, slot, thread, other);

static struct {
    uint64_t seed, slots, uses;
    struct tagged_stack *stack;
    _Atomic uint32_t owner[SLOTS_MAX]; /* thread + 1; 0: nobody */
    uint64_t used[SLOTS_MAX];          /* plain: the owner's */
    _Atomic uint64_t all_uses, strange, met;
    struct meeting meetings[TWICE_MAX];
} c;
static _Thread_local const char *calling;

static void endless(void) {
    evidence_broken_off(calling, "had not ended after 200,000 of its own steps", "an end",
                        "which loop has no end once the list leads back into itself?");
}

static uint32_t pop(uint64_t me) {
    calling = "tagged_pop";
    pace_count_steps(STEPS_MAX, endless);
    uint32_t slot = tagged_pop(c.stack);
    pace_count_steps(0, NULL);
    if (slot == UINT32_MAX) return slot;
    if (slot >= c.slots) {
        atomic_fetch_add_explicit(&c.strange, 1, memory_order_relaxed);
        return UINT32_MAX;
    }
    uint32_t other = atomic_exchange_explicit(&c.owner[slot], (uint32_t)me + 1, memory_order_relaxed);
    if (other != 0) {
        uint64_t at = atomic_fetch_add_explicit(&c.met, 1, memory_order_relaxed);
        if (at < TWICE_MAX) c.meetings[at] = (struct meeting){slot, me, other - 1};
    }
    c.used[slot]++;
    return slot;
}

static void push(uint32_t slot) {
    calling = "tagged_push";
    atomic_store_explicit(&c.owner[slot], 0, memory_order_relaxed);
    pace_count_steps(STEPS_MAX, endless);
    (void)tagged_push(c.stack, slot); /* its own slot: what is lost shows at the end */
    pace_count_steps(0, NULL);
}

static void take_part(uint64_t me) {
    struct rng rng = rng_new(c.seed, me);
    uint64_t uses = 0;
    pace_unsteady(c.seed, me);
    for (uint64_t i = 0; i < c.uses; i++) {
        uint32_t first = pop(me), second = rng_below(&rng, 2) ? pop(me) : UINT32_MAX;
        uses += (first != UINT32_MAX) + (second != UINT32_MAX);
        if (first != UINT32_MAX) push(first);
        if (second != UINT32_MAX) push(second);
        if (i % 1024 == 0 && me == 0) evidence_progress();
    }
    atomic_fetch_add_explicit(&c.all_uses, uses, memory_order_relaxed);
}

void tagged_crowd(uint64_t seed) {
    uint64_t left[2 * SLOTS_MAX], count = 0, used = 0;
    c.seed = seed, c.slots = scenario_param("slots"), c.uses = scenario_param("uses");
    if (c.slots > SLOTS_MAX) abort();
    c.stack = new_tagged((uint32_t)c.slots);
    for (uint32_t slot = 0; slot < c.slots; slot++) (void)tagged_push(c.stack, slot);
    crew_join(crew_start(scenario_param("threads"), take_part));
    for (uint32_t slot; count < 2 * c.slots && (slot = tagged_pop(c.stack)) != UINT32_MAX;) left[count++] = slot;
    for (uint64_t slot = 0; slot < c.slots; slot++) used += c.used[slot];
    uint64_t met = c.met;
    evidence_count("uses", c.all_uses);
    evidence_count("used", used);
    evidence_count("strange", c.strange);
    evidence_rows("twice", meeting, c.meetings, met < TWICE_MAX ? met : TWICE_MAX);
    evidence_series("left", left, count);
    tagged_free(c.stack);
}
