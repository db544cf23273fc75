/* SPDX-License-Identifier: MIT */
/* blocks.c -- the learner's blocks, by the order in which they were asked for. Relaxed: a table must not order the
 * learner's own accesses. */
#include "blocks.h"

#include "heap.h"

#include <stdatomic.h>

#define BLOCKS_MAX 512

static _Atomic uint64_t next; /* the next block's number; 0: none is kept */
static struct {
    _Atomic uintptr_t address; /* 0: none, or freed */
    _Atomic uint64_t size_bytes;
} blocks[BLOCKS_MAX];

void heap_keep_blocks(void) {
    atomic_store_explicit(&next, 1, memory_order_relaxed);
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
    uint64_t number = atomic_fetch_add_explicit(&next, 1, memory_order_relaxed);
    if (number > BLOCKS_MAX) return;
    atomic_store_explicit(&blocks[number - 1].size_bytes, size_bytes, memory_order_relaxed);
    atomic_store_explicit(&blocks[number - 1].address, (uintptr_t)p, memory_order_relaxed);
}

void block_forget(uintptr_t address) {
    struct heap_block block;
    if (atomic_load_explicit(&next, memory_order_relaxed) == 0) return;
    uint64_t number = heap_block_of(address, &block);
    if (number > 0) atomic_store_explicit(&blocks[number - 1].address, 0, memory_order_relaxed);
}
