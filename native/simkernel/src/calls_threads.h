/* SPDX-License-Identifier: MIT */
/* calls_threads.h -- what calls of threads and locks share. */
#ifndef CALLS_THREADS_H
#define CALLS_THREADS_H

#include <pthread.h>
#include <semaphore.h>

#include "calls.h"

struct mutex {
    uint32_t owner, zero; /* a thread's number plus 1 */
};

_Noreturn void lock_misuse(const char *call, const char *what);
/* Another thread may go on here; whoever does nothing but this for long does not sleep. */
void lock_point(const char *call);
void mutex_take(struct mutex *);
/* Held by the running thread. */
struct mutex *own_mutex(pthread_mutex_t *, const char *call);

#endif
