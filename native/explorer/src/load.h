/* SPDX-License-Identifier: MIT
 *
 * load.h -- makes a shared object the subject. */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>

/* Loads the subject and binds its imports (imports.h). False: `problem` says why not, and *unknown
 * whether a symbol was the reason. */
bool load_subject(const char *path, char *problem, size_t size, bool *unknown);

#endif
