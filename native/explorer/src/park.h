/* SPDX-License-Identifier: MIT
 *
 * park.h -- trying a claim of lock-freedom.
 *
 * While a thread is inside an operation that the driver claims to be lock-free, the explorer may
 * park it for as long as any other thread can run. The others must go on finishing operations. */
#ifndef PARK_H
#define PARK_H

#include "thread.h"

/* Steps a thread may take alone inside one claimed operation, and all threads may take together, while one is parked,
 * before one claimed operation ends. Kata 08 grants a read the most of all katas: 4,096. */
enum { CLAIM_ALONE_LIMIT = 5000, CLAIM_TOGETHER_LIMIT = 10000 };

/* Once so many claimed operations of others have ended, the parked thread has hindered nobody, and goes on. */
enum { PARK_OPERATIONS = 30 };

/* Steps after which a parked thread goes on in any case: the others may well wait for its results,
 * outside of claimed operations. */
enum { PARK_LIMIT = 20000 };

void park_reset(void);
void park_claim(const char *operation);
void park_unclaim(void);

/* At each step of the running thread: maybe park it; count steps that end no operation. */
void park_consider(void);

/* The running thread is about to wait, which a lock-free operation never does. */
void park_forbids_waiting(void);

bool is_parked(const struct thread *);

/* Lets the parked thread go on. False if there is none. */
bool park_release(void);

#endif
