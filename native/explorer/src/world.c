/* SPDX-License-Identifier: MIT
 *
 * world.c -- memory at fixed places. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

void *map_memory(uintptr_t fixed_address_or_0, size_t size) {
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    if (fixed_address_or_0) flags |= MAP_FIXED_NOREPLACE;
    void *memory = mmap((void *)fixed_address_or_0, size, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (memory == MAP_FAILED || (fixed_address_or_0 && memory != (void *)fixed_address_or_0)) {
        perror("explorer: cannot map memory");
        exit(2);
    }
    return memory;
}
