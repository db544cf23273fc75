/* SPDX-License-Identifier: MIT
 *
 * callers.h -- how each thread has come to where it is: the functions that it is in, and between them those that it has
 * come back from. Known while `tracing`. */
#ifndef CALLERS_H
#define CALLERS_H

#include <stdbool.h>
#include <stdint.h>

enum { WAY_LENGTH = 24 };

/* The nearest first: what this function has called, the place it was called from, what that one had called before, ...
 */
struct way {
    int count;
    struct {
        uint32_t pc; /* in the function that has returned, or behind the call that has not */
        bool returned;
    } places[WAY_LENGTH];
};

void callers_reset(void);

/* The running thread enters a function, to which `inside` belongs, and leaves it. 0: not called by the subject. */
void callers_enter(uint32_t called_at, uint32_t inside);
void callers_leave(void);

void callers_way(int thread, struct way *);

#endif
