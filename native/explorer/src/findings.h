/* SPDX-License-Identifier: MIT
 *
 * findings.h -- the failures that a search has met, and the one that is told.
 *
 * One mistake hides another: a leak or a livelock may end the first execution, and the race behind it comes later. So a
 * search goes on for a while after its first failure, and tells the one nearest to the cause: an access or a call that
 * is wrong by itself, before what it leads to. The while is counted in steps, so it is the same on every machine. */
#ifndef FINDINGS_H
#define FINDINGS_H

#include "choice.h"
#include "verdict.h"

struct finding {
    struct verdict verdict;
    uint64_t execution; /* its number in the search, from 1 */
    uint64_t seed;
    uint64_t steps;
    struct choices choices;
};

/* Names of verdicts, separated by commas: they are told before all others. False: one of the names is no verdict's. */
bool findings_ask_for(const char *names);

/* Takes in the execution that has just been played, as failed or not. True: the search may end. */
bool findings_take(uint64_t seed, bool failed);

/* The one to tell; NULL if no execution failed. */
const struct finding *findings_nearest(void);

/* In how many executions this verdict was met. */
uint64_t findings_count(enum verdict_kind);

#endif
