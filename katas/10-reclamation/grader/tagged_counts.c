/* SPDX-License-Identifier: MIT */
/* tagged_counts.c -- what push and pop cost, counted.
 *
 *   tagged_counts
 *
 * A stack of few slots and of many; few inside and all of them; after few calls and after many. */
#include "costs.h"
#include "driver.h"

#define FEW 16
#define MANY 40000
#define STEP_LIMIT 20000 /* a call */

enum phase { PUSH, POP, EMPTY };

static void fill_and_empty(uint32_t slots) {
    struct tagged_stack *s = new_tagged(slots);
    uint64_t wrong = 0;
    cost_begin(PUSH, slots, slots, (uint64_t)slots * STEP_LIMIT);
    for (uint32_t i = 0; i < slots; i++) wrong += !tagged_push(s, i);
    cost_end();
    cost_wrong(wrong), wrong = 0;
    cost_begin(POP, slots, slots, (uint64_t)slots * STEP_LIMIT);
    for (uint32_t i = slots; i-- > 0;) wrong += tagged_pop(s) != i;
    cost_end();
    cost_wrong(wrong), wrong = 0;
    cost_begin(EMPTY, slots, FEW, (uint64_t)FEW * STEP_LIMIT);
    for (uint32_t i = 0; i < FEW; i++) wrong += tagged_pop(s) != UINT32_MAX;
    cost_end();
    cost_wrong(wrong);
    tagged_free(s);
}

void tagged_counts(uint64_t seed) {
    (void)seed; /* counts do not depend on chance */
    fill_and_empty(FEW);
    fill_and_empty(MANY);
    costs_report();
}
