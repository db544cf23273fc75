/* SPDX-License-Identifier: MIT
 *
 * owners.h -- what type a block has: that of the pointer it was allocated for, or of one that leads to it from a
 * variable or from another block. */
#ifndef OWNERS_H
#define OWNERS_H

#include "dies.h"

/* Looks at the execution that has just ended. What is learnt holds for the same execution played again. */
void owners_learn(void);

/* NULL where it is not known. */
const struct die *owner_type(int block);

#endif
