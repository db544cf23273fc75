/* SPDX-License-Identifier: MIT */
/* driver.h -- what the driver's files share, and the scenarios. */
#ifndef DRIVER_H
#define DRIVER_H

#include <stdint.h>

#include "counter.h"

/* A new counter. Without one there is no traffic, and the process ends saying so. */
struct counter *new_counter(void);

/* Starts a thread that calls run(number), and waits for its end. */
void one_thread(void (*run)(uint64_t number), uint64_t number);

void crowd(uint64_t seed);       /* crowd.c */
void paused(uint64_t seed);      /* paused.c */
void lines(uint64_t seed);       /* lines.c */
void come_and_go(uint64_t seed); /* come_and_go.c */
void machines(uint64_t seed);    /* machines.c */
void separate(uint64_t seed);    /* separate.c */
void counts(uint64_t seed);      /* counts.c */
void no_memory(uint64_t seed);   /* memory.c */
void bench(uint64_t seed);       /* bench.c */
void cost(uint64_t seed);        /* bench.c */

#endif
