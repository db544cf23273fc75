/* SPDX-License-Identifier: MIT
 *
 * describe.c -- blocks by number, variables by name, all else as numbers. */
#include "describe.h"

#include "blocks.h"
#include "fibers.h"
#include "owners.h"
#include "subject.h"
#include "symbols.h"
#include "trace.h"
#include "types.h"
#include "world.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { TEXTS = 4, TEXT_SIZE = 80 };

static void describe_number(unsigned __int128 value, char *text) {
    uint64_t high = (uint64_t)(value >> 64), low = (uint64_t)value;
    if (high)
        snprintf(text, TEXT_SIZE, "%#lx:%016lx", (unsigned long)high, (unsigned long)low);
    else if (low > 0xffff)
        snprintf(text, TEXT_SIZE, "%#lx", (unsigned long)low);
    else
        snprintf(text, TEXT_SIZE, "%lu", (unsigned long)low);
}

static void with_offset(const char *name, size_t offset, char *text) {
    if (offset)
        snprintf(text, TEXT_SIZE, "byte %zu of %.40s", offset, name);
    else
        snprintf(text, TEXT_SIZE, "%.40s", name);
}

/* Parts of blocks are named as through a pointer: "block 3->next", or "block 3[2].next" where it holds several. */
static void describe_block(int block, size_t offset, size_t size_bytes, char *text) {
    char way[48] = "", name[24];
    const struct die *type = tracing ? owner_type(block) : NULL;
    size_t one = type ? type_size(type) : 0;
    snprintf(name, sizeof name, "block %d", block);
    if (type) type_append_place(type, offset, size_bytes, way, sizeof way);
    if (way[0] == '.') {
        snprintf(text, TEXT_SIZE, "%s->%.40s", name, way + 1);
    } else if (one && offset >= one && blocks[block].size_bytes >= 2 * one) {
        way[0] = 0;
        type_append_place(type, offset % one, size_bytes, way, sizeof way);
        snprintf(text, TEXT_SIZE, "%s[%zu]%.40s", name, offset / one, way);
    } else {
        with_offset(name, offset, text);
    }
}

/* Compilers call a static variable of a function "name.0", "function.name", and a part of it "function.name.0". */
static void without_function(const char *symbol, char *text) {
    snprintf(text, TEXT_SIZE, "%.*s", TEXT_SIZE - 1, symbol);
    char *last = strrchr(text, '.');
    if (last && last[1] >= '0' && last[1] <= '9') *last = 0;
    last = strrchr(text, '.');
    if (last) memmove(text, last + 1, strlen(last));
}

static void describe_variable(uintptr_t address, size_t size_bytes, char *text) {
    char name[TEXT_SIZE];
    size_t offset, size;
    const char *symbol = symbol_at(address - subject.base, &offset, &size);
    if (!symbol) return with_offset("a variable", address - subject.base, text);
    const struct die *type = tracing ? type_of_variable(symbol, size) : NULL;
    without_function(symbol, text);
    if (type)
        type_append_place(type, offset, size_bytes, text, TEXT_SIZE);
    else
        with_offset(strcpy(name, text), offset, text);
}

/* False: it is no address of the program's memory. */
static bool describe_address(uintptr_t address, size_t size_bytes, char *text) {
    size_t offset;
    int block = block_number(address, &offset);
    if (block >= 0) {
        describe_block(block, offset, size_bytes, text);
        return true;
    }
    if (address - (WORLD_BASE + HEAP_SIZE) < STACKS * STACK_SIZE) {
        int thread = (int)((address - WORLD_BASE - HEAP_SIZE) / STACK_SIZE);
        snprintf(text, TEXT_SIZE, "T%d's stack", thread);
        return true;
    }
    if (address - (uintptr_t)fibers < sizeof fibers) { /* as "switches stacks" numbers them */
        snprintf(text, TEXT_SIZE, "stack %d", (int)((struct fiber *)address - fibers));
        return true;
    }
    if (address < subject.writable_start || address >= subject.writable_end) return false;
    describe_variable(address, size_bytes, text);
    return true;
}

static char *next_text(void) {
    static char texts[TEXTS][TEXT_SIZE];
    static int turn;
    return texts[turn++ % TEXTS];
}

const char *describe_place(uintptr_t address, size_t size_bytes) {
    char *text = next_text();
    return describe_address(address, size_bytes, text) ? text : "memory";
}

const char *describe_object(uintptr_t address) {
    char *text = next_text();
    bool on_stack = address - (WORLD_BASE + HEAP_SIZE) < STACKS * STACK_SIZE;
    snprintf(text, TEXT_SIZE, "%s%.*s", on_stack ? "on " : "", TEXT_SIZE - 4, describe_place(address, 0));
    return text;
}

const char *describe_value(unsigned __int128 value, size_t size_bytes) {
    char *text = next_text(), place[TEXT_SIZE];
    uintptr_t address = (uintptr_t)value;
    if (size_bytes < sizeof address || value != address || !describe_address(address, 0, place)) {
        describe_number(value, text);
        return text;
    }
    bool whole = strchr(place, ' ') && !strpbrk(place, ">["); /* "block 3", "T1's stack" */
    snprintf(text, TEXT_SIZE, "%s%.*s", whole ? "" : "&", TEXT_SIZE - 2, place);
    return text;
}
