/* SPDX-License-Identifier: MIT */
/* heap.h -- what the learner's code asks of malloc, counted and refused.
 *
 * The learner's object calls malloc, calloc, realloc, aligned_alloc,
 * posix_memalign and free through heap.c (ld --wrap); the driver's own calls
 * are not counted. Counters are per process and exact. */
#ifndef C10KATA_HEAP_H
#define C10KATA_HEAP_H

#include <stdint.h>

/* Allocations the learner's code has asked for so far, refused ones included. */
uint64_t heap_allocations(void);

/* Allocations minus frees of memory that the learner's code holds now. */
int64_t heap_live(void);

/* The bytes of these, as the C library rounds them up. */
int64_t heap_live_bytes(void);

/* The bytes of the learner's static variables that are no constants, and of those of each thread; 64 that are for
 * alignment may be among them. Only in the stress build. */
uint64_t heap_static_bytes(void) __attribute__((weak));

/* The bytes of the blocks that realloc was given so far: so many it may have moved. */
uint64_t heap_moved_bytes(void);

/* From here on the learner's blocks are known: a few hundred, in the order in which they were asked for. */
void heap_keep_blocks(void);

/* The number from 1 of the block that `address` lies in, and that was not freed; 0: none. */
struct heap_block {
    uintptr_t address;
    uint64_t size_bytes;
};
uint64_t heap_block_of(uintptr_t address, struct heap_block *block);

/* The `nth` allocation from now (1 is the next) and all later ones answer
 * "no memory"; 0: none does. */
void heap_refuse_from(uint64_t nth);

/* Only the `nth` allocation from now answers "no memory"; 0: none does. */
void heap_refuse_only(uint64_t nth);

/* Where the learner's code asked for what was first refused, since a refusal was
 * last asked for: an offset into this module, which the grader turns into file
 * and line. 0: nothing was. */
uint64_t heap_refused_at(void);

#endif
