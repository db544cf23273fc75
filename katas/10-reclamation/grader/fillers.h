/* SPDX-License-Identifier: MIT */
/* fillers.h -- objects that are retired only so that a design that looks at the slots now and then does so at the next
 * retire, and not a hundred later. For the exploration, before its threads start. */
#ifndef FILLERS_H
#define FILLERS_H

#include "hazard.h"

/* Retires through `me` until one is reclaimed, and then all but one or two as many; at most `may_wait` of them. */
void retire_fillers(struct hp_thread *me, unsigned may_wait);

#endif
