/* SPDX-License-Identifier: MIT
 *
 * dies.h -- the subject's types and variables: its debug information entries, as readelf (binutils) prints them. */
#ifndef DIES_H
#define DIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum die_kind {
    DIE_OTHER,
    DIE_UNIT,  /* a file; what follows is of it */
    DIE_VALUE, /* a base type or an enumeration */
    DIE_POINTER,
    DIE_ALIAS, /* a typedef, const, volatile, _Atomic, ... */
    DIE_STRUCT,
    DIE_UNION,
    DIE_ARRAY,
    DIE_RANGE, /* one dimension of an array */
    DIE_MEMBER,
    DIE_VARIABLE
};

struct die {
    enum die_kind kind;
    int depth;                            /* children follow their parent, and are deeper by one */
    bool has_address;                     /* a variable that is there for the whole of an execution */
    uint32_t offset, type, specification; /* how others refer to it; 0: none */
    size_t size_bytes, place, count;      /* of a type; of a member in its struct; of a dimension */
    int line;                             /* of its declaration */
    char name[40];                        /* of a unit: without folders */
};

/* Reads them, once; none where readelf is missing or the subject has no debug information. */
void dies_read(const char *path);

/* All entries, in order; *count of them. */
const struct die *dies_all(size_t *count);

/* The entry at this offset, or NULL. */
const struct die *die_at(uint32_t offset);

#endif
