/* SPDX-License-Identifier: MIT
 *
 * strategy.h -- how a seed answers choices.
 *
 * No strategy is best for all bugs, so seeds cycle through a portfolio: PCT of growing depth
 * (Burckhardt et al., ASPLOS 2010), uniform, sticky, parking, and strict turns. Which values loads return is drawn
 * apart from that: the newest ones, any, the oldest, or for each line of the program either newest or oldest. */
#ifndef STRATEGY_H
#define STRATEGY_H

#include <stdbool.h>
#include <stdint.h>

struct thread;

/* Starts the execution of one seed. */
void strategy_begin(uint64_t seed);
unsigned answer_from_seed(unsigned kind, unsigned options);

/* "pct 3", "uniform", "sticky", "parking", "turns". */
const char *strategy_name(uint64_t seed);

/* Tells how many thread choices an execution has: PCT spreads its priority changes over them. It
 * must come from runs that do not depend on the user's seed, or seeds would not replay. */
void strategy_calibrate(uint32_t thread_choices);

#endif
