/* SPDX-License-Identifier: MIT
 *
 * mutex.h -- mutexes, for the calls that are made of them. */
#ifndef MUTEX_H
#define MUTEX_H

#include "clock_time.h"
#include "sync.h"

#include <stdint.h>

/* Locking by call: a scheduling point, then 0 or an error number of pthreads. `doing` is a verb in the third person. */
int mutex_lock(void *at, enum sync_kind, struct timeout, const char *doing, uint32_t pc);
int mutex_try_lock(void *at, enum sync_kind, const char *doing, uint32_t pc);
int mutex_unlock(void *at, enum sync_kind, const char *doing, uint32_t pc);

/* Waits for the mutex and takes it; false when the deadline came first. No scheduling point of its
 * own. */
_Bool mutex_take(struct sync *, uint64_t deadline_ns);
void mutex_give(struct sync *);

/* What threads.h answers where pthreads would answer 0 or this error. */
int thrd_status(int error);

#endif
