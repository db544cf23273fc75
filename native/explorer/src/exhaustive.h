/* SPDX-License-Identifier: MIT
 *
 * exhaustive.h -- every execution with at most so many preemptions (Musuvathi and Qadeer, PLDI
 * 2007).
 *
 * Walks the tree of choices depth first. Covered completely: which thread runs (within the bound; switches
 * at waiting, yielding and ending threads are free), which value each load returns, which waiter a signal
 * wakes, whether memory is reused, what the driver chooses, which injected failures happen. Left
 * out: spurious wakeups, spurious failures of weak compare-exchanges, early timeouts, and parking.
 */
#ifndef EXHAUSTIVE_H
#define EXHAUSTIVE_H

#include <stdbool.h>
#include <stdint.h>

void exhaustive_begin(uint32_t max_preemptions);
void exhaustive_restart(void); /* before each execution */
unsigned answer_exhaustively(unsigned kind, unsigned options);

/* Moves to the next execution. False: there is none. */
bool exhaustive_next(void);

#endif
