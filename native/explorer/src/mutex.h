/* SPDX-License-Identifier: MIT
 *
 * mutex.h -- what condition variables need of mutexes. */
#ifndef MUTEX_H
#define MUTEX_H

#include <stdint.h>

struct sync;

/* Waits for the mutex and takes it; false when the deadline came first. No scheduling point of its
 * own. */
_Bool mutex_take(struct sync *, uint64_t deadline_ns);
void mutex_give(struct sync *);

#endif
