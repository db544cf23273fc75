/* SPDX-License-Identifier: MIT
 *
 * fibers.c -- who runs on which stack, and who has left which. */
#include "fibers.h"

#include <string.h>

struct fiber fibers[MAX_FIBERS], *current_fiber[MAX_THREADS];

void fibers_reset(void) {
    memset(fibers, 0, sizeof fibers);
    for (int id = 0; id < MAX_THREADS; id++) {
        fibers[id].live = true;
        fibers[id].on = id;
        current_fiber[id] = &fibers[id];
    }
}
