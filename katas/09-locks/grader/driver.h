/* SPDX-License-Identifier: MIT */
/* driver.h -- the scenarios. */
#ifndef DRIVER_H
#define DRIVER_H

#include "kinds.h"

void play(uint64_t seed);       /* play.c */
void last_user(uint64_t seed);  /* paused.c */
void signallers(uint64_t seed); /* paused.c */
void all(uint64_t seed);        /* all.c */
void units(uint64_t seed);      /* units.c */
void readers(uint64_t seed);    /* readers.c */
void crowd(uint64_t seed);      /* crowd.c */
void bench(uint64_t seed);      /* bench.c */
void cost(uint64_t seed);       /* bench.c */

#endif
