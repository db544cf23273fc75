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

/* `count` threads call turn() `turns` times in all, one after the other, 0, 1, ..., 0, 1, ... Nothing of this orders
 * what they do for ThreadSanitizer: where the code under test does not either, it sees a race each time, however
 * threads happen to meet elsewhere. Waits until all have returned. */
void crew_take_turns(uint64_t count, uint64_t turns, void (*turn)(uint64_t number, uint64_t turn));

#endif
