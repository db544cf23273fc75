/* SPDX-License-Identifier: MIT
 *
 * describe.h -- names for addresses and values. */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include <stddef.h>
#include <stdint.h>

/* Both texts live until the fourth next call. While `tracing`, parts of variables and blocks have the names that the
 * program gives them, as far as debug information tells; else, and where it does not, their offset. */

/* A number, or what an address points to: "&items[1]", "block 3", "&block 3->next", "T1's stack". */
const char *describe_value(unsigned __int128 value, size_t size_bytes);

/* What lies at an address: "items[1].producer", "block 3->next", "byte 8 of block 3". */
const char *describe_place(uintptr_t address, size_t size_bytes);

/* A lock or the like, behind the word for it: "block 3->lock", "on T1's stack". */
const char *describe_object(uintptr_t address);

#endif
