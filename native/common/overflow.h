/* SPDX-License-Identifier: MIT */
/* overflow.h -- tells a stack that is full from a wild pointer. */
#ifndef OVERFLOW_H
#define OVERFLOW_H

#include <signal.h>
#include <stdbool.h>

/* Of a SIGSEGV, with what its handler was given: the code had no stack left where it
 * wanted to write. Async-signal-safe. */
bool stack_overflowed(const siginfo_t *, const void *context);

#endif
