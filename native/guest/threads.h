/* SPDX-License-Identifier: MIT */
/* threads.h -- pthread_create, for threads that can tell where their stack overflowed. */
#ifndef C10KATA_THREADS_H
#define C10KATA_THREADS_H

#include <pthread.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0 /* the sanitizers have stacks of their own */
#endif

int thread_create(pthread_t *, const pthread_attr_t *, void *(*run)(void *), void *argument);

#endif
