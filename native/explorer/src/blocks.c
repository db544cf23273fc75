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

void block_check(const struct cell *cell, uintptr_t address, size_t size_bytes, uint32_t pc, const char *what) {
    const struct block *block = cell->block ? &blocks[cell->block - 1] : NULL;
    if (block && block->live && address + size_bytes <= block->address + block->size_bytes) return;
    verdict_place(running->id, pc, 0, what);
    if (!block) violate(VERDICT_OUT_OF_BOUNDS, "T%d %s memory at {0} that belongs to no block", running->id, what);
    size_t offset = address - block->address;
    if (block->live) {
        verdict_place(block->allocated_by, block->allocated_at, block->allocated_clock, "allocates");
        violate(VERDICT_OUT_OF_BOUNDS, "T%d %s at {0}: bytes %zu to %zu of a block of %zu byte%s, allocated at {1}",
                running->id, what, offset, offset + size_bytes - 1, block->size_bytes,
                block->size_bytes == 1 ? "" : "s");
    }
    block_place_of_free(block);
    violate(VERDICT_USE_AFTER_FREE, "T%d %s at {0}: byte %zu of block %d, which T%d freed at {1}", running->id, what,
            offset, (int)(block - blocks), block->freed_by);
}
