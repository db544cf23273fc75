/* SPDX-License-Identifier: MIT
 *
 * imports.h -- every name a subject may call, and who answers it.
 *
 * After loading, each of the subject's references is bound here: to the explorer's model of the
 * call, or, for harmless functions, to the C library. A name in neither list refuses the subject,
 * so that a call that would really block, or really start a thread, cannot slip through. */
#ifndef IMPORTS_H
#define IMPORTS_H

#include <stdbool.h>
#include <stddef.h>

struct link_map;

/* False: `unknown` holds the names that are in no list, separated by spaces. */
bool imports_bind(const struct link_map *, char *unknown, size_t size);

struct import {
    const char *name;
    void *function;
};

/* The model of a name, or NULL; binary search over model_table (models.c). */
void *model_of(const char *name);

/* Is this a C library function without threads, files, time or memory of its own? */
bool is_harmless(const char *name);

#endif
