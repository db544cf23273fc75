/* SPDX-License-Identifier: MIT
 *
 * shadow.h -- accesses, and what is wrong with them: data races, freed memory, block bounds. */
#ifndef SHADOW_H
#define SHADOW_H

#include "cells.h"

/* An access by the running thread: reports freed memory, block bounds and data races; remembers it.
 * `what` is a verb in the third person. */
void shadow_access(uintptr_t address, size_t size_bytes, enum access_kind, uint32_t pc, const char *what);

/* Reports freed memory and block bounds only. */
void shadow_check_bounds(uintptr_t address, size_t size_bytes, uint32_t pc, const char *what);

#endif
