/* SPDX-License-Identifier: MIT */
/* driver.h -- what the driver's files share. world.h is the scripts'. */
#ifndef DRIVER_H
#define DRIVER_H

#include "single_writer.h"

/* New ones. Without them there is no traffic, and the process ends saying so. */
struct lease_client *new_client(const struct lease_env *env);
struct store *new_store(void);

void crowd(uint64_t seed);     /* crowd.c */
void alone(uint64_t seed);     /* crowd.c */
void owners(uint64_t seed);    /* owners.c */
void no_memory(uint64_t seed); /* memory.c */
void bench(uint64_t seed);     /* bench.c */
void pauses(uint64_t seed);    /* pauses.c */

#endif
