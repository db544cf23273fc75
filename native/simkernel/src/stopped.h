/* SPDX-License-Identifier: MIT */
/* stopped.h -- in which line of the learner's a signal met the program. */
#ifndef STOPPED_H
#define STOPPED_H

#include <stdint.h>

/* In the signal's handler: the line that was met, or that called what was met, as calls.h has
 * a caller; 0: none of the learner's is on this stack. */
uint32_t stopped_at(void);

#endif
