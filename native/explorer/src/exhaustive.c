/* SPDX-License-Identifier: MIT
 *
 * exhaustive.c -- depth-first search: the path is an odometer. */
#include "exhaustive.h"

#include "kinds.h"
#include "progress.h"
#include "schedule.h"
#include "verdict.h"

static struct {
    uint8_t taken, options;
} path[MAX_CHOICES];
static uint32_t length, depth, preemption_bound;

void exhaustive_begin(uint32_t max_preemptions) {
    preemption_bound = max_preemptions;
    length = depth = 0;
}

void exhaustive_restart(void) {
    depth = 0;
}

static unsigned branches(unsigned kind, unsigned options) {
    switch (kind) {
    case CHOOSE_THREAD:
        return schedule_offer.current_first && progress.preemptions >= preemption_bound ? 1 : options;
    case CHOOSE_SPURIOUS_WAKE:
    case CHOOSE_SPURIOUS_CAS:
    case CHOOSE_TIMEOUT:
    case CHOOSE_PARK:
        return 1;
    default:
        return options;
    }
}

unsigned answer_exhaustively(unsigned kind, unsigned options) {
    options = branches(kind, options);
    if (options == 1) return 0;
    if (depth == MAX_CHOICES) violate(VERDICT_LIMIT, "more than %d choices in one execution", MAX_CHOICES);
    if (depth == length) {
        path[length].taken = 0;
        path[length++].options = (uint8_t)options;
    }
    if (path[depth].options != options)
        violate(VERDICT_NOT_DETERMINISTIC,
                "the same choices led to another set of options: something that the explorer does not choose, such as "
                "the number of a processor or a time stamp, decides what the program does");
    return path[depth++].taken;
}

bool exhaustive_next(void) {
    length = depth;
    while (length && path[length - 1].taken + 1 == path[length - 1].options) length--;
    if (length) path[length - 1].taken++;
    return length > 0;
}
