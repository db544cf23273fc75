/* SPDX-License-Identifier: MIT */
/* blocks.c -- the learner's blocks, by the order in which they were asked for. Relaxed: a table must not order the
 * learner's own accesses. */
#include "blocks.h"

#include "heap.h"
#include "own.h"

#include <stdatomic.h>

#define BLOCKS_MAX 512

static GRADERS_OWN _Atomic uint64_t next; /* the next block's number; 0: none is kept */
static GRADERS_OWN struct {
    _Atomic uintptr_t address; /* 0: none, or freed */
    _Atomic uint64_t size_bytes;
} blocks[BLOCKS_MAX];

void heap_keep_blocks(void) {
    own_store(&next, 1);
}

uint64_t heap_block_of(uintptr_t address, struct heap_block *block) {
    for (uint64_t i = 0; i < BLOCKS_MAX; i++) {
        block->address = atomic_load_explicit(&blocks[i].address, memory_order_relaxed);
        block->size_bytes = atomic_load_explicit(&blocks[i].size_bytes, memory_order_relaxed);
        if (block->address != 0 && address - block->address < block->size_bytes) return i + 1;
    }
    return 0;
}

void block_keep(void *p, uint64_t size_bytes) {
    if (atomic_load_explicit(&next, memory_order_relaxed) == 0) return;
    uint64_t number = own_fetch_add(&next, 1);
    if (number > BLOCKS_MAX) return;
    own_store(&blocks[number - 1].size_bytes, size_bytes);
    own_store(&blocks[number - 1].address, (uintptr_t)p);
}

void block_forget(uintptr_t address) {
    struct heap_block block;
    if (atomic_load_explicit(&next, memory_order_relaxed) == 0) return;
    uint64_t number = heap_block_of(address, &block);
    if (number > 0) own_store(&blocks[number - 1].address, 0);
}
