/* SPDX-License-Identifier: MIT
 *
 * describe.c -- blocks by number, variables by name, all else as numbers. */
#include "describe.h"

#include "blocks.h"
#include "subject.h"
#include "symbols.h"
#include "world.h"

#include <stdbool.h>
#include <stdio.h>

enum { TEXTS = 4, TEXT_SIZE = 48 };

static void describe_number(unsigned __int128 value, char *text) {
    uint64_t high = (uint64_t)(value >> 64), low = (uint64_t)value;
    if (high)
        snprintf(text, TEXT_SIZE, "%#lx:%016lx", (unsigned long)high, (unsigned long)low);
    else if (low > 0xffff)
        snprintf(text, TEXT_SIZE, "%#lx", (unsigned long)low);
    else
        snprintf(text, TEXT_SIZE, "%lu", (unsigned long)low);
}

static void describe_offset(const char *name, size_t offset, char *text) {
    snprintf(text, TEXT_SIZE, offset ? "%.32s+%zu" : "%.32s", name, offset);
}

/* False: it is no address of the program's memory. */
static bool describe_address(uintptr_t address, char *text) {
    char name[24];
    size_t offset;
    int block = block_number(address, &offset);
    if (block >= 0) {
        snprintf(name, sizeof name, "block %d", block);
        describe_offset(name, offset, text);
        return true;
    }
    if (address - (WORLD_BASE + HEAP_SIZE) < STACKS * STACK_SIZE) {
        int thread = (int)((address - WORLD_BASE - HEAP_SIZE) / STACK_SIZE);
        snprintf(text, TEXT_SIZE, "T%d's stack", thread);
        return true;
    }
    if (address < subject.writable_start || address >= subject.writable_end) return false;
    const char *symbol = symbol_at(address - subject.base, &offset);
    describe_offset(symbol ? symbol : "a variable", symbol ? offset : address - subject.base, text);
    return true;
}

const char *describe_value(unsigned __int128 value, size_t size_bytes) {
    static char texts[TEXTS][TEXT_SIZE];
    static int turn;
    char *text = texts[turn++ % TEXTS];
    uintptr_t address = (uintptr_t)value;
    if (size_bytes < sizeof address || value != address || !describe_address(address, text))
        describe_number(value, text);
    return text;
}
