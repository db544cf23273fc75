/* SPDX-License-Identifier: MIT
 *
 * progress.c -- steps, and time. */
#include "progress.h"

#include <string.h>

enum { STEP_NS = 1000 };

struct progress progress;
uint64_t activity;
bool plain_steps;

static uint64_t time_jumped_ns;

void progress_reset(void) {
    memset(&progress, 0, sizeof progress);
    time_jumped_ns = 0;
}

uint64_t progress_now_ns(void) {
    return time_jumped_ns + (uint64_t)progress.steps * STEP_NS;
}

void progress_jump_to(uint64_t deadline_ns) {
    if (deadline_ns > progress_now_ns()) time_jumped_ns += deadline_ns - progress_now_ns();
}
