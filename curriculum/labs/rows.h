/* SPDX-License-Identifier: MIT */
/* rows.h -- what a lab's program prints: one measured point a line, and the
 * clock that it measures with. */
#ifndef ROWS_H
#define ROWS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* A point of the curve `series`, for lab.ts to read. */
static inline void row(const char *series, double x, double y) {
    printf("%s\t%.17g\t%.17g\n", series, x, y);
    fflush(stdout);
}

/* Nanoseconds of time that passes at the same pace whatever the time of day. */
static inline uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Ends the program with a sentence: a lab that cannot measure says why. */
_Noreturn static inline void give_up(const char *what) {
    perror(what);
    exit(1);
}

#endif
