/* SPDX-License-Identifier: MIT
 *
 * exhaustive.c -- depth-first search: the path is an odometer.
 *
 * Why an execution may be cut. Let E be one within the bounds, in which at some point thread V runs, although the
 * search has tried U there before, and U runs later, with nothing in between that depends on its step. Let E' be E with
 * that step moved to that point. E' ends as E does, and comes before it in the search. If E' lies within the bounds, E
 * can be left out: of all executions that differ only by such moves the first one in the search is never cut.
 *
 * Moving the step costs a preemption only at its new place: the switch to U, and from U to V, replace the one to V. At
 * its old place one switch goes away. Hence sleeps_after(). Loads of older values it never makes more. */
#include "exhaustive.h"

#include "kinds.h"
#include "progress.h"
#include "schedule.h"
#include "sleep_set.h"
#include "verdict.h"

#include <string.h>

enum { MAX_TRIED = 1 << 17 };

static struct {
    uint8_t taken, options;
    uint16_t asleep; /* of threads: the options that would only repeat, as bits */
    uint32_t tried;  /* of threads: where their footprints begin, one for each option */
} path[MAX_CHOICES];
static uint32_t length, depth, older_values;
static struct footprint tried[MAX_TRIED];
static struct bounds bounds;
static struct reached reached;

void exhaustive_begin(struct bounds of_walk) {
    bounds = of_walk;
    length = depth = 0;
    reached = (struct reached){false, false};
}

void exhaustive_restart(void) {
    depth = older_values = 0;
}

struct reached exhaustive_reached(void) {
    return reached;
}

static unsigned only_one_if(bool at_bound, bool *noted, unsigned options) {
    *noted |= at_bound && options > 1;
    return at_bound ? 1 : options;
}

static unsigned branches_of_thread(unsigned options) {
    bool at_bound = schedule_offer.current_first && progress.preemptions >= bounds.preemptions;
    return only_one_if(at_bound, &reached.preemptions, options);
}

static unsigned branches(unsigned kind, unsigned options) {
    switch (kind) {
    case CHOOSE_THREAD:
        return branches_of_thread(options);
    case CHOOSE_STORE:
        return only_one_if(older_values >= bounds.older_values, &reached.older_values, sleep_set_newer(options));
    case CHOOSE_SPURIOUS_WAKE:
    case CHOOSE_SPURIOUS_CAS:
    case CHOOSE_TIMEOUT:
    case CHOOSE_PARK:
        return 1;
    default:
        return options;
    }
}

static uint32_t tried_so_far(void) {
    for (uint32_t i = length; i; i--)
        if (path[i - 1].tried != UINT32_MAX) return path[i - 1].tried + path[i - 1].options;
    return 0;
}

static void reserve_footprints(unsigned options) {
    path[length].tried = tried_so_far();
    if (path[length].tried + options > MAX_TRIED)
        violate(VERDICT_LIMIT, "more than %d choices of threads in one execution", MAX_TRIED);
    memset(&tried[path[length].tried], 0, options * sizeof *tried);
}

static void lengthen(unsigned kind, unsigned options) {
    if (length == MAX_CHOICES) violate(VERDICT_LIMIT, "more than %d choices in one execution", MAX_CHOICES);
    path[length].taken = 0;
    path[length].options = (uint8_t)options;
    path[length].asleep = 0;
    path[length].tried = UINT32_MAX;
    if (kind == CHOOSE_THREAD) reserve_footprints(options);
    length++;
}

static uint16_t asleep_of(unsigned options) {
    unsigned mask = 0;
    for (unsigned i = 0; i < options; i++) mask |= (unsigned)sleep_set_holds(schedule_offer.threads[i]) << i;
    return (uint16_t)mask;
}

static bool skip_sleepers(uint32_t at) {
    while (path[at].taken < path[at].options && (path[at].asleep >> path[at].taken & 1)) path[at].taken++;
    return path[at].taken < path[at].options;
}

/* May the thread of an earlier option sleep while `taken` runs: does its step cost no preemption at the front? */
static bool sleeps_after(unsigned earlier, unsigned taken, bool goes_on) {
    bool first = schedule_offer.current_first;
    if (bounds.preemptions == ANY_NUMBER) return true;
    return (first && earlier > 0) + goes_on <= (first && taken > 0);
}

static void fall_asleep(uint32_t at) {
    struct footprint *of_options = &tried[path[at].tried];
    for (unsigned i = 0; i < path[at].taken; i++)
        if (!(path[at].asleep >> i & 1) && sleeps_after(i, path[at].taken, of_options[i].goes_on))
            sleep_set_add(schedule_offer.threads[i], &of_options[i]);
    sleep_set_keep(&of_options[path[at].taken]);
}

unsigned answer_exhaustively(unsigned kind, unsigned options) {
    options = branches(kind, options);
    if (options == 1) return 0;
    uint16_t asleep = kind == CHOOSE_THREAD ? asleep_of(options) : 0;
    if (depth == length) {
        unsigned all = (1u << options) - 1;
        if (kind == CHOOSE_THREAD && asleep == all) return 0;
        lengthen(kind, options);
        path[depth].asleep = asleep;
        skip_sleepers(depth);
    }
    if (path[depth].options != options || path[depth].asleep != asleep)
        violate(VERDICT_NOT_DETERMINISTIC,
                "the same choices led to another set of options: something that the explorer does not choose, such as "
                "the number of a processor or a time stamp, decides what the program does");
    if (kind == CHOOSE_THREAD) fall_asleep(depth);
    unsigned taken = path[depth++].taken;
    if (kind == CHOOSE_STORE) older_values += taken > 0;
    return taken;
}

bool exhaustive_next(void) {
    length = depth;
    while (length) {
        path[length - 1].taken++;
        if (skip_sleepers(length - 1)) return true;
        length--;
    }
    return false;
}
