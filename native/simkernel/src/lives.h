/* SPDX-License-Identifier: MIT */
/* lives.h -- lives from seeds, and the plainest that breaks the same rule. */
#ifndef LIVES_H
#define LIVES_H

#include <stdbool.h>
#include <stdint.h>

/* A life from this seed; true: a rule was broken, `failure` and `record` tell
 * which and how. */
bool lives_play(uint64_t seed);

/* Makes the failing life plainer as long as the same rule is broken, then
 * plays it once more, traced. */
void lives_shrink(void);

#endif
