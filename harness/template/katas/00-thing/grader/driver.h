/* SPDX-License-Identifier: MIT */
/* driver.h -- what the driver's files share. */
#ifndef DRIVER_H
#define DRIVER_H

#include "thing.h"

/* A new thing. Without one there is no traffic, and the process ends saying so. */
struct thing *new_thing(void);

void crowd(uint64_t seed); /* crowd.c */

#endif
