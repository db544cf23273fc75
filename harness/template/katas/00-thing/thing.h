/* SPDX-License-Identifier: MIT */
/* thing.h -- TODO: the contract. What stands here is an example: a sum that
 * many threads add to.
 *
 * Threads. Any thread may call thing_add and thing_sum at any time. While
 * thing_free runs, no other call may be in progress.
 *
 * Ownership. The caller frees with thing_free what thing_new answered. */
#ifndef THING_H
#define THING_H

#include <stdint.h>

struct thing;

/* A new sum of 0. NULL: no memory, and nothing is kept. */
struct thing *thing_new(void);

/* Adds `n`; the sum wraps round at 2^64. Never fails. */
void thing_add(struct thing *thing, uint64_t n);

/* The sum of all additions that had returned before the call. */
uint64_t thing_sum(struct thing *thing);

/* Gives everything back; NULL does nothing. */
void thing_free(struct thing *thing);

#endif
