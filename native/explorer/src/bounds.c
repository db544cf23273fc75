/* SPDX-License-Identifier: MIT
 *
 * bounds.c -- says of an access in freed memory or outside of a block which block is meant, and where it comes from. */
#include "bounds.h"

#include "blocks.h"
#include "describe.h"
#include "thread.h"
#include "verdict.h"

#include <stdio.h>
#include <string.h>

static const char *plural(size_t count) {
    return count == 1 ? "" : "s";
}

/* The last block that begins at or before this address, or NULL. */
static const struct block *block_before(uintptr_t address) {
    const struct block *found = NULL;
    for (int i = 0; i < block_count && blocks[i].address <= address; i++) found = &blocks[i];
    return found;
}

static _Noreturn void report_between(uintptr_t address, const char *what) {
    const struct block *block = block_before(address);
    if (!block) violate(VERDICT_OUT_OF_BOUNDS, "T%d %s memory in {0} that belongs to no block", running->id, what);
    char distance[48] = "just";
    size_t behind = address - block->address - block->size_bytes;
    if (behind) snprintf(distance, sizeof distance, "%zu byte%s", behind, plural(behind));
    block_place_of_allocation(block);
    violate(VERDICT_OUT_OF_BOUNDS,
            "T%d %s memory in {0} that belongs to no block: %s behind block %d, of %zu byte%s, allocated in {1}",
            running->id, what, distance, (int)(block - blocks), block->size_bytes, plural(block->size_bytes));
}

/* "block 3->next", or "block 3" where no more is known. */
static const char *name_of(uintptr_t address, size_t size_bytes) {
    const char *name = describe_place(address, size_bytes), *block = strstr(name, " of ");
    return block ? block + strlen(" of ") : name;
}

void bounds_check(const struct cell *cell, uintptr_t address, size_t size_bytes, uint32_t pc, const char *what) {
    const struct block *block = cell->block ? &blocks[cell->block - 1] : NULL;
    if (block && block->live && address + size_bytes <= block->address + block->size_bytes) return;
    verdict_place(running->id, pc, 0, what);
    if (!block) report_between(address, what);
    size_t offset = address - block->address;
    const char *name = name_of(address, size_bytes);
    if (block->live) {
        char bytes[64];
        snprintf(bytes, sizeof bytes, size_bytes > 1 ? "bytes %zu to %zu" : "byte %zu", offset,
                 offset + size_bytes - 1);
        block_place_of_allocation(block);
        violate(VERDICT_OUT_OF_BOUNDS, "T%d %s in {0}: %s, %s of a block of %zu byte%s, allocated in {1}", running->id,
                what, name, bytes, block->size_bytes, plural(block->size_bytes));
    }
    block_place_of_free(block);
    block_place_of_allocation(block);
    violate(VERDICT_USE_AFTER_FREE,
            "T%d %s in {0}: %s, %zu bytes into a block of %zu, allocated in {2}, which T%d freed in {1}", running->id,
            what, name, offset, block->size_bytes, block->freed_by);
}
