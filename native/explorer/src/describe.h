/* SPDX-License-Identifier: MIT
 *
 * describe.h -- names for addresses and values. */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include <stddef.h>

/* A stable name for an address or a value that looks like one: "block 3+8", "T1's stack",
 * "global+40", or the number itself. The text lives until the fourth next call. */
const char *describe_value(unsigned __int128 value, size_t size_bytes);

#endif
