/* SPDX-License-Identifier: MIT
 *
 * bounds.h -- accesses to the heap stay inside a live block. */
#ifndef BOUNDS_H
#define BOUNDS_H

#include "cells.h"

#include <stddef.h>
#include <stdint.h>

/* Reports an access to freed memory or outside the block that the cell belongs to. */
void bounds_check(const struct cell *, uintptr_t address, size_t size_bytes, uint32_t pc, const char *what);

#endif
