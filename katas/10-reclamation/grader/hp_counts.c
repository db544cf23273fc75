/* SPDX-License-Identifier: MIT */
/* hp_counts.c -- what the calls cost, counted, in a domain of few slots and one of many.
 *
 *   hp_counts
 *
 * All handles are attached, and all slots but one protect something. Sizes are slots in all. What a pop and hp_free
 * take in steps is not judged: they reclaim. */
#include <stdlib.h>

#include "costs.h"
#include "driver.h"
#include "evidence.h"
#include "objects.h"

#define CALLS 600
#define STEP_LIMIT 50000 /* a call, on average */

enum phase { PROTECT, CLEAR, RETIRE, COME_AND_GO, POP, FREE };

static struct hp_thread *handles[64];
static struct hp_domain *domain;

static void begin(enum phase phase, uint64_t size) {
    cost_begin(phase, size, CALLS, (uint64_t)CALLS * STEP_LIMIT);
}

static void counted(uint64_t threads, uint64_t slots) {
    uint64_t size = threads * slots;
    _Atomic(void *) cell;
    objects_begin();
    domain = new_domain(threads, slots);
    for (uint64_t t = 0; t < threads; t++) handles[t] = attached(domain);
    for (uint64_t i = 1; i < size; i++) {
        cell = object_new();
        (void)hp_protect(handles[i / slots], i % slots, &cell);
        if (i % 16 == 1) object_retire(handles[0], cell);
    }
    cell = object_new();
    begin(PROTECT, size);
    for (int i = 0; i < CALLS; i++) (void)hp_protect(handles[0], 0, &cell);
    cost_end();
    begin(CLEAR, size);
    for (int i = 0; i < CALLS; i++) hp_clear(handles[0], 0);
    cost_end();
    begin(RETIRE, size);
    for (int i = 0; i < CALLS; i++) object_retire(handles[0], object_new());
    cost_end();
    struct hp_stack *stack = new_hp_stack(domain);
    for (int i = 0; i < CALLS; i++) (void)hp_stack_push(stack, handles[0], 7); /* there is memory */
    uint64_t value;
    begin(POP, size);
    for (int i = 0; i < CALLS; i++) (void)hp_stack_pop(stack, handles[0], &value); /* other checks' concern */
    cost_end();
    hp_stack_free(stack, handles[0]);
    hp_detach(handles[threads - 1]);
    begin(COME_AND_GO, size);
    for (int i = 0; i < CALLS; i++) {
        struct hp_thread *me = hp_attach(domain);
        if (me) hp_detach(me);
    }
    cost_end();
    for (uint64_t t = 0; t + 1 < threads; t++) hp_detach(handles[t]);
    begin(FREE, size);
    hp_free(domain);
    cost_end();
    evidence_progress();
}

void hp_counts(uint64_t seed) {
    (void)seed; /* counts do not depend on chance */
    counted(2, 4);
    counted(32, 16);
    costs_report();
}
