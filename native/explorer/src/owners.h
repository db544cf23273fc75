/* SPDX-License-Identifier: MIT
 *
 * owners.h -- what type a block has: that of the pointer it was allocated for, or of one that leads to it from a
 * variable or from another block. */
#ifndef OWNERS_H
#define OWNERS_H

#include "dies.h"

/* Looks at the execution that has just ended. What is learnt holds for the same execution played again. */
void owners_learn(void);

/* The block is about to be freed: its type is that of the pointers that lead to it now, if it is not known already. */
void owners_keep(int block);

/* NULL where it is not known. */
const struct die *owner_type(int block);

#endif
