/* SPDX-License-Identifier: MIT
 *
 * blocks.c -- blocks by address, through the cells. */
#include "blocks.h"

#include "thread.h"
#include "trace.h"
#include "verdict.h"
#include "world.h"

struct block blocks[MAX_BLOCKS];
int block_count;

int block_number(uintptr_t address, size_t *offset) {
    if (address - WORLD_BASE >= HEAP_SIZE) return -1;
    const struct cell *cell = cell_at(address);
    if (!cell->block) return -1;
    *offset = address - blocks[cell->block - 1].address;
    return cell->block - 1;
}

void block_place_of_free(const struct block *block) {
    verdict_place(block->freed_by, block->freed_at, block->freed_clock, "frees");
    trace_mark(block->freed_by, block->freed_clock, block->freed_at);
}

void block_place_of_allocation(const struct block *block) {
    verdict_place(block->allocated_by, block->allocated_at, block->allocated_clock, "allocates");
}
