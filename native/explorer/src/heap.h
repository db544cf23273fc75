/* SPDX-License-Identifier: MIT
 *
 * heap.h -- the program's heap: deterministic, watched, and able to fail.
 *
 * Addresses are handed out in order. An execution either never reuses a freed block, which makes
 * every late use visible, or reuses the latest one of fitting size at once, which is where ABA
 * lives. */
#ifndef HEAP_H
#define HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cell;

struct block {
    uintptr_t address;
    size_t size_bytes, capacity_bytes;
    bool live, reachable;
    uint32_t allocated_at, freed_at; /* pcs */
    uint32_t allocated_clock, freed_clock;
    int allocated_by, freed_by; /* threads */
    uint16_t next_free;         /* number + 1 */
};

enum { MAX_BLOCKS = 16384 };

/* Of this execution, in order of address. */
extern struct block blocks[MAX_BLOCKS];
extern int block_count;

void heap_reset(void);

/* Lets the next allocations fail, at most `times` of them. */
void heap_allow_failures(unsigned times);

/* NULL by choice (failure injection) only. The bytes are `fill`. */
void *heap_allocate(size_t size_bytes, size_t alignment, int fill, uint32_t pc);
void heap_free(void *, uint32_t pc);
size_t heap_size_of(void *, uint32_t pc);

/* Reports an access to freed memory or outside the block that the cell belongs to. */
void heap_check(const struct cell *, uintptr_t address, size_t size_bytes, uint32_t pc, const char *what);

/* At the end of an execution: notes the verdict when a live block is reachable from nowhere. */
void heap_check_leaks(void);

/* The number of the block an address lies in, live or freed; -1 if none. */
int heap_block_number(uintptr_t address, size_t *offset);

#endif
