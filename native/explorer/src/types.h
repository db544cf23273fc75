/* SPDX-License-Identifier: MIT
 *
 * types.h -- what the parts of the subject's variables and blocks are called: "items[1].next". */
#ifndef TYPES_H
#define TYPES_H

#include "dies.h"

/* The type of the static variable of this name and size; NULL where it is not known, or there are several. */
const struct die *type_of_variable(const char *name, size_t size_bytes);

/* What the pointer points to that this line of this file (a name without folders) declares; NULL where there is none,
 * or several of different types. */
const struct die *type_declared_at(const char *file, int line);

/* Behind typedefs, const and their like. */
const struct die *type_plain(uint32_t offset);

size_t type_size(const struct die *);

/* Appends to `text` the way from the beginning of something of this type to the byte `offset` in it: ".next",
 * "[1].next". `size_bytes`: of an access to that place, or 0 for a pointer to it. */
void type_append_place(const struct die *, size_t offset, size_t size_bytes, char *text, size_t room);

/* Calls visit for each pointer in something of this type at this address: where it is, and the type it points to. */
void type_pointers(const struct die *, uintptr_t address, void (*visit)(uintptr_t at, const struct die *target));

#endif
