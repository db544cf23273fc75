/* SPDX-License-Identifier: MIT
 *
 * owners.h -- what type a block has: that of a pointer that leads to it, from a variable or from another block. */
#ifndef OWNERS_H
#define OWNERS_H

#include "dies.h"

/* NULL where no pointer of a known type has led to this block in this execution. */
const struct die *owner_type(int block);

#endif
