/* SPDX-License-Identifier: MIT
 *
 * fibers.h -- stacks that the program switches between by itself, as ThreadSanitizer is told of them
 * (sanitizer/tsan_interface.h).
 *
 * Each thread begins on a stack of its own, which is a fiber as well. Here a switch orders nothing: whoever takes a
 * stack that another thread has left must know of it, and whoever takes one that is not left yet is wrong in any case.
 */
#ifndef FIBERS_H
#define FIBERS_H

#include "clock.h"

#include <stdbool.h>
#include <stdint.h>

/* At once, those of the threads included. */
enum { MAX_FIBERS = MAX_THREADS + 49 };

enum { NO_THREAD = -1 };

struct fiber {
    bool live, left;
    int on; /* the thread that runs on it, or NO_THREAD */
    struct {
        int thread;
        uint32_t clock, pc;
    } last; /* who went on with it, or left it */
};

extern struct fiber fibers[MAX_FIBERS];
extern struct fiber *current_fiber[MAX_THREADS]; /* on which each thread runs */

void fibers_reset(void);

static inline int fiber_of(int thread) {
    return (int)(current_fiber[thread] - fibers);
}

#endif
