/* SPDX-License-Identifier: MIT
 *
 * ordering.h -- the rules of the memory model, on the stores of one location. */
#ifndef ORDERING_H
#define ORDERING_H

#include "stores.h"

void ordering_reset(void);

/* May the running thread, loading with seq_cst or not, look at nothing older than `store`? */
bool ordering_stops(const struct store *, bool sc);

/* The running thread reads `store` with this order. */
void ordering_learn(struct store *, int order);

/* The running thread writes a value: by a plain atomic store, or by an update of the newest one. */
bool ordering_store(struct location *, word value, int order, uint32_t pc);
void ordering_update(struct location *, word value, int order, uint32_t pc);

void ordering_fence(int order, uint32_t pc);

/* What a full barrier of the kernel's does: as of a seq_cst fence, nobody overlooks what was stored before. It makes
 * nothing happen before anything. */
void ordering_barrier(void);

#endif
