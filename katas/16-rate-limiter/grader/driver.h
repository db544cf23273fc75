/* SPDX-License-Identifier: MIT */
/* driver.h -- what the driver's files share, and the scenarios. */
#ifndef DRIVER_H
#define DRIVER_H

#include "limiter.h"
#include "shared_limiter.h"

/* New ones. Without one there is no traffic, and the process ends saying so. */
struct limiter *new_limiter(uint64_t per_second, uint64_t burst, size_t keys_max);
struct window *new_window(uint64_t limit, uint64_t window_ns, size_t keys_max);

void crowd(uint64_t seed);      /* crowd.c */
void crowd_room(uint64_t seed); /* crowd.c */
void paused(uint64_t seed);     /* paused.c */
void overtaken(uint64_t seed);  /* overtaken.c */
void sizes(uint64_t seed);      /* memory.c */
void no_limiter(uint64_t seed); /* memory.c */
void no_window(uint64_t seed);  /* memory.c */
void no_shared(uint64_t seed);  /* memory.c */
void faults(uint64_t seed);     /* faults.c */
void bench(uint64_t seed);      /* bench.c */
void cost(uint64_t seed);       /* bench.c */

#endif
