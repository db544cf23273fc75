/* SPDX-License-Identifier: MIT
 *
 * world.c -- memory at fixed places, and names for it. */
#define _GNU_SOURCE
#include "world.h"

#include "heap.h"
#include "subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { TEXTS = 4, TEXT_SIZE = 48 };

void *map_memory(uintptr_t fixed_address_or_0, size_t size) {
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    if (fixed_address_or_0)
        flags |= MAP_FIXED_NOREPLACE;
    void *memory = mmap((void *)fixed_address_or_0, size, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (memory == MAP_FAILED || (fixed_address_or_0 && memory != (void *)fixed_address_or_0)) {
        perror("explorer: cannot map memory");
        exit(2);
    }
    return memory;
}

static void describe_number(unsigned __int128 value, char *text) {
    uint64_t high = (uint64_t)(value >> 64), low = (uint64_t)value;
    if (high)
        snprintf(text, TEXT_SIZE, "%#lx:%016lx", (unsigned long)high, (unsigned long)low);
    else if (low > 0xffff)
        snprintf(text, TEXT_SIZE, "%#lx", (unsigned long)low);
    else
        snprintf(text, TEXT_SIZE, "%lu", (unsigned long)low);
}

const char *describe_value(unsigned __int128 value, size_t size_bytes) {
    static char texts[TEXTS][TEXT_SIZE];
    static int turn;
    char *text = texts[turn++ % TEXTS];
    uintptr_t address = (uintptr_t)value;
    size_t offset;
    int block =
        size_bytes >= sizeof address && value == address ? heap_block_number(address, &offset) : -1;
    if (block >= 0 && offset)
        snprintf(text, TEXT_SIZE, "block %d+%zu", block, offset);
    else if (block >= 0)
        snprintf(text, TEXT_SIZE, "block %d", block);
    else if (size_bytes >= sizeof address &&
             address - (WORLD_BASE + HEAP_SIZE) < STACKS * STACK_SIZE)
        snprintf(text, TEXT_SIZE, "T%zu's stack", (address - WORLD_BASE - HEAP_SIZE) / STACK_SIZE);
    else if (size_bytes >= sizeof address &&
             address - subject.writable_start < subject.writable_end - subject.writable_start)
        snprintf(text, TEXT_SIZE, "global+%#zx", address - subject.base);
    else
        describe_number(value, text);
    return text;
}
