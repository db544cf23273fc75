/* SPDX-License-Identifier: MIT
 *
 * heap.h -- the program's heap: deterministic, watched, and able to fail.
 *
 * Addresses are handed out in order. An execution either never reuses a freed block, which makes
 * every late use visible, or reuses the latest one of fitting size at once, which is where ABA
 * lives. */
#ifndef HEAP_H
#define HEAP_H

#include <stddef.h>
#include <stdint.h>

void heap_reset(void);

/* Lets the next allocations fail, at most `times` of them. */
void heap_allow_failures(unsigned times);

/* NULL by choice (failure injection) only. The bytes are `fill`. */
void *heap_allocate(size_t size_bytes, size_t alignment, int fill, uint32_t pc);
void heap_free(void *, uint32_t pc);
size_t heap_size_of(void *, uint32_t pc);

/* As mprotect, on whole pages of the heap, until they are freed. */
int heap_protect(void *, size_t size_bytes, int protection);

#endif
