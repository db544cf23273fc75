/* SPDX-License-Identifier: MIT */
/* blocks.h -- where the learner's allocations lie, for heap.c: heap_keep_blocks() says from when on. */
#ifndef C10KATA_BLOCKS_H
#define C10KATA_BLOCKS_H

#include <stdint.h>

void block_keep(void *p, uint64_t size_bytes);
void block_forget(uintptr_t address);

#endif
