/* SPDX-License-Identifier: MIT
 *
 * exhaustive.h -- every execution with at most so many preemptions (Musuvathi and Qadeer, PLDI
 * 2007) and so many older values, up to the order of independent steps (sleep_set.h).
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

#define ANY_NUMBER UINT32_MAX

/* What an execution of the walk may have at most. An older value is one that a load returns although there is a newer
 * one, or that a store writes before the newest. */
struct bounds {
    uint32_t preemptions, older_values;
};

void exhaustive_begin(struct bounds);
void exhaustive_restart(void); /* before each execution */
unsigned answer_exhaustively(unsigned kind, unsigned options);

/* Moves to the next execution. False: there is none. */
bool exhaustive_next(void);

/* Which bounds have kept this walk from a choice. */
struct reached {
    bool preemptions, older_values;
} exhaustive_reached(void);

#endif
