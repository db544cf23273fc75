/* SPDX-License-Identifier: MIT */
/* costs.h -- what calls cost in steps and allocations, counted on one thread: as
 * many phases as a driver likes, each with few things inside and with many. The
 * stress build's; see pace.h for what a step is. */
#ifndef C10KATA_COSTS_H
#define C10KATA_COSTS_H

#include <stdint.h>

/* Counts from here to cost_end(): a phase's `calls` calls with `size` things
 * inside. The same phase and size again adds to the same row. At `limit` steps
 * the scenario ends, with what has been counted so far as its evidence. */
void cost_begin(uint64_t phase, uint64_t size, uint64_t calls, uint64_t limit);
void cost_end(void);

/* At the beginning of a call, if the driver likes: a phase that is stopped then
 * reports `stopped_call`, the number of that call from 1, and `stopped_steps`,
 * what it alone had taken. */
void cost_call(void);

/* So many answers in this phase, just begun or ended, were not the contract's:
 * what is cheap may be so because it is wrong. */
void cost_wrong(uint64_t answers);

/* Reports the rows `costs`, which harness/src/judge/costs.ts judges. */
void costs_report(void);

#endif
