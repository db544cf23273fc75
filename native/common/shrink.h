/* SPDX-License-Identifier: MIT
 *
 * shrink.h -- the simplest execution that fails in the same way.
 *
 * Works on the record of choices alone, as property-based testing does (MacIver, Hypothesis): option 0 is always the
 * plain one, so setting entries to 0 removes preemptions, stale values, faults, and whatever the driver drew. It is
 * deterministic: a seed always shrinks to the same execution. */
#ifndef SHRINK_H
#define SHRINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shrinker {
    /* Plays `script`: does that fail as the execution did that is to be shrunk? *cost: how long it was, in steps or
     * calls. Of executions whose choices weigh the same the cheaper one is simpler. */
    bool (*fails_alike)(uint64_t *cost);
    uint8_t (*lower)(uint8_t taken); /* what to try instead of an entry above 1 */
    bool all_at_once;                /* does it fail with every entry at 0? */
    const uint8_t *kinds;            /* of these kinds all entries are set to 0 together, one kind after another */
    size_t kind_count;
    uint32_t max_tries;
    uint64_t max_cost; /* of all tries together */
};

/* Starts from `record`, of an execution that has just failed and had this cost; leaves the result in `script`. */
void shrink(const struct shrinker *, uint64_t cost);

#endif
