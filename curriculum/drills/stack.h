/* SPDX-License-Identifier: MIT */
#ifndef STACK_H
#define STACK_H

#include <stdint.h>

enum { SLOTS = 3, NO_SLOT = 255 };

/* Any thread. `slot` is not inside. */
void push(uint32_t slot);

/* Any thread: the newest slot, or NO_SLOT. The caller may push it again at once. */
uint32_t pop(void);

#endif
