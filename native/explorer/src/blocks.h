/* SPDX-License-Identifier: MIT
 *
 * blocks.h -- what malloc has given out in this execution, live and freed. */
#ifndef BLOCKS_H
#define BLOCKS_H

#include "cells.h"
#include "clock.h"

#include <stdbool.h>

struct block {
    uintptr_t address;
    size_t size_bytes, capacity_bytes;
    bool live, reachable;
    uint32_t allocated_at, freed_at; /* pcs */
    uint32_t allocated_clock, freed_clock;
    int allocated_by, freed_by; /* threads */
    uint16_t next_free;         /* number + 1 */
    struct view freed_view;     /* what the freeing thread knew, where the block may be reused */
};

enum { MAX_BLOCKS = 16384 };

/* Of this execution, in order of address. */
extern struct block blocks[MAX_BLOCKS];
extern int block_count;

/* The number of the block an address lies in, live or freed; -1 if none. */
int block_number(uintptr_t address, size_t *offset);

/* The free of this block is part of what the verdict is about. */
void block_place_of_free(const struct block *);

/* And so is its allocation, which is named but not marked in the trace. */
void block_place_of_allocation(const struct block *);

#endif
