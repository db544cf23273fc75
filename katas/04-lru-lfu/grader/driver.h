/* SPDX-License-Identifier: MIT */
/* driver.h -- what the driver's files share. */
#ifndef DRIVER_H
#define DRIVER_H

#include "kinds.h"

/* A new cache of a kind, numbered as in kinds.h. Without one there is no
 * traffic, and the process ends saying so. */
void *new_cache(uint64_t kind, size_t capacity);

/* The value that the driver's traffic puts under `key`. */
uint64_t value_of(uint64_t key);

/* A part of the scenario patterns. */
void alike(uint64_t seed);

/* In the stress build, called when the learner's code yields on this thread. */
extern _Thread_local void (*at_yield)(void);

void crowd(uint64_t seed);      /* crowd.c */
void held(uint64_t seed);       /* held.c */
void growth(uint64_t seed);     /* growth.c */
void patterns(uint64_t seed);   /* patterns.c */
void no_memory(uint64_t seed);  /* memory.c */
void capacities(uint64_t seed); /* memory.c */
void counts(uint64_t seed);     /* counts.c */
void bench(uint64_t seed);      /* bench.c */

#endif
