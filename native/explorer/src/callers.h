/* SPDX-License-Identifier: MIT
 *
 * callers.h -- the functions that each thread is in, and those it has come back from: while `tracing`. */
#ifndef CALLERS_H
#define CALLERS_H

#include <stdint.h>

enum { CALLERS_SHOWN = 12, RETURNS_SHOWN = 12 };

/* Where a thread is, as offsets in the subject. */
struct callers {
    int depth, returns;
    uint32_t called_at[CALLERS_SHOWN]; /* return addresses, the innermost first */
    uint32_t returned[RETURNS_SHOWN];  /* a place in each function that has returned, the latest first */
};

void callers_reset(void);

/* The running thread enters a function, to which `inside` belongs, and leaves it. 0: not called by the subject. */
void callers_enter(uint32_t called_at, uint32_t inside);
void callers_leave(void);

struct callers callers_of(int thread);

#endif
