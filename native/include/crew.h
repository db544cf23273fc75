/* SPDX-License-Identifier: MIT */
/* crew.h -- threads that know their number and start together: none begins
 * before the last is there, so that short work meets too. */
#ifndef C10KATA_CREW_H
#define C10KATA_CREW_H

#include <stdint.h>

struct crew;

/* Starts `count` threads that each call run() with a number of its own, from 0.
 * A driver cannot go on without its threads: a failure ends the process. */
struct crew *crew_start(uint64_t count, void (*run)(uint64_t number));

/* Waits until all have returned. */
void crew_join(struct crew *crew);

#endif
