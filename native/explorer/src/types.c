/* SPDX-License-Identifier: MIT
 *
 * types.c -- from a type down to its parts. */
#include "types.h"

#include <stdio.h>
#include <string.h>

enum { MAX_ALIASES = 16 };

/* A driver knows a struct by its name alone; the file that defines it knows its members. */
static const struct die *definition_of(const struct die *declared) {
    size_t count;
    const struct die *all = dies_all(&count);
    for (size_t i = 0; i < count; i++)
        if (all[i].kind == declared->kind && all[i].size_bytes && !strcmp(all[i].name, declared->name)) return &all[i];
    return declared;
}

const struct die *type_plain(uint32_t offset) {
    const struct die *type = die_at(offset);
    for (int turns = 0; type && type->kind == DIE_ALIAS && turns < MAX_ALIASES; turns++) type = die_at(type->type);
    return type && type->kind == DIE_STRUCT && !type->size_bytes && type->name[0] ? definition_of(type) : type;
}

/* Dimensions follow their array. */
static size_t elements(const struct die *dimension) {
    size_t product = 1;
    for (; dimension->kind == DIE_RANGE; dimension++) product *= dimension->count;
    return product;
}

size_t type_size(const struct die *type) {
    if (!type) return 0;
    if (type->kind == DIE_POINTER) return sizeof(void *);
    if (type->kind == DIE_ARRAY) return elements(type + 1) * type_size(type_plain(type->type));
    return type->size_bytes;
}

/* gcc calls a static variable of a function "name.0", clang "function.name". */
static bool is_symbol_of(const char *symbol, const char *name) {
    size_t length = strlen(name);
    const char *dot = strchr(symbol, '.');
    return !strcmp(symbol, name) || (dot == symbol + length && !strncmp(symbol, name, length)) ||
           (dot && !strcmp(dot + 1, name));
}

const struct die *type_of_variable(const char *symbol, size_t size_bytes) {
    const struct die *found = NULL;
    size_t count;
    const struct die *all = dies_all(&count);
    for (size_t i = 0; i < count; i++) {
        const struct die *variable = &all[i];
        if (variable->kind != DIE_VARIABLE || !variable->has_address) continue;
        if (variable->specification) variable = die_at(variable->specification);
        if (!variable || !is_symbol_of(symbol, variable->name)) continue;
        const struct die *type = type_plain(variable->type);
        if (type_size(type) != size_bytes) continue;
        if (found && found != type) return NULL;
        found = type;
    }
    return found;
}

const struct die *type_declared_at(const char *file, int line) {
    const struct die *found = NULL;
    size_t count;
    const struct die *all = dies_all(&count);
    bool here = false;
    for (size_t i = 0; i < count; i++) {
        if (all[i].kind == DIE_UNIT) here = !strcmp(all[i].name, file);
        if (!here || all[i].kind != DIE_VARIABLE || all[i].line != line) continue;
        const struct die *pointer = type_plain(all[i].type);
        if (!pointer || pointer->kind != DIE_POINTER) continue;
        const struct die *target = type_plain(pointer->type);
        if (found && target != found) return NULL;
        found = target;
    }
    return found;
}

static void append(char *text, size_t room, const char *before, const char *name) {
    size_t length = strlen(text);
    snprintf(text + length, room - length, "%s%s", before, name);
}

/* The index of each dimension; the offset within the element. */
static size_t append_indices(const struct die *array, size_t offset, char *text, size_t room) {
    size_t element_size = type_size(type_plain(array->type));
    for (const struct die *dimension = array + 1; dimension->kind == DIE_RANGE; dimension++) {
        char index[24];
        size_t stride = element_size * elements(dimension + 1);
        if (!stride) return offset;
        snprintf(index, sizeof index, "[%zu]", offset / stride);
        append(text, room, "", index);
        offset %= stride;
    }
    return offset;
}

/* A flexible array member has no size: it goes on to the block's end. */
static bool holds(const struct die *member, size_t offset) {
    const struct die *type = type_plain(member->type);
    if (offset < member->place || !type) return false;
    return offset < member->place + type_size(type) || (type->kind == DIE_ARRAY && !type_size(type));
}

/* The member that holds this byte; members that have no name are passed through. */
static const struct die *member_at(const struct die *type, size_t offset) {
    for (const struct die *die = type + 1; die->depth > type->depth; die++) {
        if (die->depth != type->depth + 1 || die->kind != DIE_MEMBER) continue;
        if (holds(die, offset)) return die;
    }
    return NULL;
}

/* Does an access of so many bytes at the beginning of a struct take one of its members, and not several or none whole?
 */
static bool takes_first(const struct die *type, size_t size_bytes) {
    const struct die *first = type->kind == DIE_STRUCT ? member_at(type, 0) : NULL;
    return size_bytes < type_size(type) || (first && type_size(type_plain(first->type)) == size_bytes);
}

void type_append_place(const struct die *type, size_t offset, size_t size_bytes, char *text, size_t room) {
    while (type && type->kind == DIE_ARRAY) {
        offset = append_indices(type, offset, text, room);
        type = type_plain(type->type);
    }
    bool parts = type && (type->kind == DIE_STRUCT || type->kind == DIE_UNION);
    bool inside = parts && (offset || (size_bytes && takes_first(type, size_bytes)));
    const struct die *member = inside ? member_at(type, offset) : NULL;
    if (member && !strncmp(member->name, "__", 2)) return; /* what is inside of a lock is not the program's */
    if (member) {
        if (member->name[0]) append(text, room, ".", member->name);
        type_append_place(type_plain(member->type), offset - member->place, size_bytes, text, room);
    } else if (offset) {
        char more[24];
        snprintf(more, sizeof more, "+%zu", offset);
        append(text, room, "", more);
    }
}

void type_pointers(const struct die *type, uintptr_t address, void (*visit)(uintptr_t, const struct die *)) {
    if (!type) return;
    if (type->kind == DIE_POINTER) return visit(address, type_plain(type->type));
    if (type->kind == DIE_ARRAY) {
        const struct die *element = type_plain(type->type);
        size_t size = type_size(element);
        for (size_t i = 0; i < elements(type + 1); i++) type_pointers(element, address + i * size, visit);
    }
    if (type->kind != DIE_STRUCT) return;
    for (const struct die *die = type + 1; die->depth > type->depth; die++)
        if (die->depth == type->depth + 1 && die->kind == DIE_MEMBER)
            type_pointers(type_plain(die->type), address + die->place, visit);
}
