/* SPDX-License-Identifier: MIT */
/* threads.h -- pthread_create, for threads that can tell where their stack overflowed. */
#ifndef C10KATA_THREADS_H
#define C10KATA_THREADS_H

#include <pthread.h>

#include "graders_own.h" /* SANITIZED: the sanitizers have stacks of their own */

int thread_create(pthread_t *, const pthread_attr_t *, void *(*run)(void *), void *argument);

#endif
