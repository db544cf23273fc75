/* SPDX-License-Identifier: MIT
 *
 * imports.h -- every name a subject may call, and what answers it.
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

#endif
