/* SPDX-License-Identifier: MIT */
#ifndef TWO_FLAGS_H
#define TWO_FLAGS_H

#include <stdbool.h>

/* Thread 0 and thread 1 call it once each: whether the other's flag is up. */
bool raise_and_look(int mine);

#endif
