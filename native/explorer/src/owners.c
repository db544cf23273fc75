/* SPDX-License-Identifier: MIT
 *
 * owners.c -- looks up where blocks were allocated, and follows typed pointers. */
#include "owners.h"

#include "blocks.h"
#include "source.h"
#include "symbols.h"
#include "types.h"

#include <string.h>

enum { MAX_VARIABLES = 256, MAX_LOOKED_UP = 64 };

static struct {
    uintptr_t address;
    const struct die *type;
} variables[MAX_VARIABLES];
static int variable_count;

static const struct die *types[MAX_BLOCKS];
static int waiting[MAX_BLOCKS], waiting_count;
static bool visited[MAX_BLOCKS];

static void add_variable(const char *name, uintptr_t subject_offset, size_t size_bytes) {
    const struct die *type = type_of_variable(name, size_bytes);
    if (!type || variable_count == MAX_VARIABLES) return;
    variables[variable_count].address = subject.base + subject_offset;
    variables[variable_count++].type = type;
}

static void set(int block, const struct die *type) {
    if (!types[block] && type && type_size(type) && type_size(type) <= blocks[block].size_bytes) types[block] = type;
}

static void visit(uintptr_t at, const struct die *target) {
    uintptr_t value;
    size_t offset;
    memcpy(&value, (void *)at, sizeof value);
    int block = block_number(value, &offset);
    if (block < 0 || offset || !blocks[block].live || visited[block]) return;
    set(block, target);
    if (!types[block]) return;
    visited[block] = true;
    waiting[waiting_count++] = block;
}

static void follow(void) {
    memset(visited, 0, (size_t)block_count);
    waiting_count = 0;
    for (int i = 0; i < variable_count; i++) type_pointers(variables[i].type, variables[i].address, visit);
    for (int i = 0; i < block_count; i++)
        if (types[i] && blocks[i].live && !visited[i]) type_pointers(types[i], blocks[i].address, visit);
    for (int i = 0; i < waiting_count; i++) type_pointers(types[waiting[i]], blocks[waiting[i]].address, visit);
}

/* "struct node *n = malloc(sizeof *n);" */
static void look_up_allocations(void) {
    int count = block_count < MAX_LOOKED_UP ? block_count : MAX_LOOKED_UP;
    for (int i = 0; i < count; i++) source_want(blocks[i].allocated_at);
    source_resolve(subject.path);
    for (int i = 0; i < count; i++) {
        const struct source *source = source_of(blocks[i].allocated_at);
        const char *slash = strrchr(source->file, '/');
        set(i, type_declared_at(slash ? slash + 1 : source->file, source->line));
    }
}

void owners_learn(void) {
    variable_count = 0;
    symbols_each(add_variable);
    memset(types, 0, sizeof types);
    look_up_allocations();
    follow();
}

void owners_keep(int block) {
    if (!types[block]) follow();
}

const struct die *owner_type(int block) {
    if (blocks[block].live) owners_keep(block);
    return types[block];
}
