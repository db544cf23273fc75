/* SPDX-License-Identifier: MIT */
/* costs.c -- phases, their steps and allocations. */
#include "costs.h"

#include <stdlib.h>

#include "evidence.h"
#include "heap.h"
#include "own.h"
#include "pace.h"

#define ROWS_MAX 64

/* `overran`: the phase was stopped at its limit. */
EVIDENCE_ROW(cost, phase, size, calls, steps, allocations, wrong, overran);

static GRADERS_OWN struct cost rows[ROWS_MAX], *now;
static GRADERS_OWN uint64_t count, allocations_before;
static GRADERS_OWN uint64_t call, steps_before; /* of the phase that goes on; 0: the driver does not tell */

static struct cost *row_of(uint64_t phase, uint64_t size) {
    for (struct cost *row = rows; row < rows + count; row++)
        if (row->phase == phase && row->size == size) return row;
    if (count == ROWS_MAX) abort();
    evidence_progress();
    own(rows[count].phase) = phase;
    own(rows[count].size) = size;
    return &rows[own(count)++];
}

void costs_report(void) {
    evidence_rows("costs", cost, rows, count);
}

static void overrun(void) {
    if (call > 0) {
        evidence_count("stopped_call", call);
        evidence_count("stopped_steps", pace_steps() - steps_before);
    }
    cost_end();
    own(now->overran) = 1;
    costs_report();
    evidence_end();
}

void cost_begin(uint64_t phase, uint64_t size, uint64_t calls, uint64_t limit) {
    own(now) = row_of(phase, size);
    own(now->calls) += calls;
    own(call) = 0;
    own(allocations_before) = heap_allocations();
    pace_count_steps(limit, overrun);
}

void cost_call(void) {
    own(call)++;
    own(steps_before) = pace_steps();
}

void cost_end(void) {
    own(now->steps) += pace_steps();
    own(now->allocations) += heap_allocations() - allocations_before;
    pace_count_steps(0, NULL);
}

void cost_wrong(uint64_t answers) {
    own(now->wrong) += answers;
}
