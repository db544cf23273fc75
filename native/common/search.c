/* SPDX-License-Identifier: MIT
 *
 * search.c -- seeds one after another. A slow machine, or a large program, is searched less far: what was covered is
 * part of the result. */
#include "search.h"

#include <time.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

bool search(struct search *search) {
    double end = search->seconds > 0 ? now() + search->seconds : 0;
    for (search->done = 0; search->done < search->executions && !(end > 0 && now() >= end);)
        if (search->play(search->first_seed + search->done++)) return true;
    search->out_of_time = search->done < search->executions;
    return false;
}
