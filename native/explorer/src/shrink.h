/* SPDX-License-Identifier: MIT
 *
 * shrink.h -- the simplest execution that fails in the same way.
 *
 * Works on the record of choices alone, as property-based testing does (MacIver, Hypothesis):
 * option 0 is always the plain one, so setting entries to 0 removes preemptions, stale values,
 * injected failures, and whatever the driver drew. It is deterministic: a seed always shrinks to
 * the same execution. */
#ifndef SHRINK_H
#define SHRINK_H

#include "choice.h"

/* Starts from `record`, of an execution that has just failed; leaves the result in `script`. */
void shrink(void (*scenario)(void));

#endif
