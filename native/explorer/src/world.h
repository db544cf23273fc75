/* SPDX-License-Identifier: MIT
 *
 * world.h -- where the program's memory lies.
 *
 * Heap and stacks are one range at a fixed address, so that an execution meets the same addresses
 * in every process, with or without address randomisation. */
#ifndef WORLD_H
#define WORLD_H

#include <stddef.h>
#include <stdint.h>

#define WORLD_BASE ((uintptr_t)0x1000000000)

enum {
    HEAP_SIZE = 32 << 20,
    STACK_SIZE = 1 << 20,
    STACK_GUARD = 4096,
    STACK_SCRUB = 6 << 10, /* filled before each use: leftovers must not reach the next execution */
    STACKS = 15,
    TLS_SIZE = 16 << 10, /* at the top of each stack */
    WORLD_SIZE = HEAP_SIZE + STACKS * STACK_SIZE
};

#define STACK_BASE(id) (WORLD_BASE + HEAP_SIZE + (size_t)(id) * STACK_SIZE)

/* Maps memory for good; ends the process with a message when there is none. */
void *map_memory(uintptr_t fixed_address_or_0, size_t size);

#endif
