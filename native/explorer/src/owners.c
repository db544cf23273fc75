/* SPDX-License-Identifier: MIT
 *
 * owners.c -- follows typed pointers from the subject's variables. */
#include "owners.h"

#include "blocks.h"
#include "symbols.h"
#include "types.h"

#include <string.h>

enum { MAX_VARIABLES = 256 };

static struct {
    uintptr_t address;
    const struct die *type;
} variables[MAX_VARIABLES];
static int variable_count = -1; /* -1: not looked for yet */

static const struct die *types[MAX_BLOCKS]; /* once found, for the rest of the execution */
static int waiting[MAX_BLOCKS], waiting_count;
static bool visited[MAX_BLOCKS];
static uint32_t execution;

static void add_variable(const char *name, uintptr_t subject_offset, size_t size_bytes) {
    const struct die *type = type_of_variable(name, size_bytes);
    if (!type || variable_count == MAX_VARIABLES) return;
    variables[variable_count].address = subject.base + subject_offset;
    variables[variable_count++].type = type;
}

static void visit(uintptr_t at, const struct die *target) {
    uintptr_t value;
    size_t offset;
    memcpy(&value, (void *)at, sizeof value);
    int block = block_number(value, &offset);
    if (block < 0 || offset || !blocks[block].live || visited[block]) return;
    if (!types[block] && target && type_size(target) && type_size(target) <= blocks[block].size_bytes)
        types[block] = target;
    if (!types[block]) return;
    visited[block] = true;
    waiting[waiting_count++] = block;
}

static void follow(void) {
    memset(visited, 0, (size_t)block_count);
    waiting_count = 0;
    for (int i = 0; i < variable_count; i++) type_pointers(variables[i].type, variables[i].address, visit);
    for (int i = 0; i < waiting_count; i++) type_pointers(types[waiting[i]], blocks[waiting[i]].address, visit);
}

const struct die *owner_type(int block) {
    if (variable_count < 0) {
        variable_count = 0;
        symbols_each(add_variable);
    }
    if (execution != cells_execution) memset(types, 0, sizeof types);
    execution = cells_execution;
    if (!types[block] && blocks[block].live) follow();
    return types[block];
}
