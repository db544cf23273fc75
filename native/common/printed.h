/* SPDX-License-Identifier: MIT */
/* printed.h -- what the code under test prints, for debugging: the last of it is
 * kept, nobody waits for a reader, and none of it is graded. */
#ifndef PRINTED_H
#define PRINTED_H

#include <stddef.h>
#include <stdint.h>

enum { PRINTED_BYTES = 2048 };

/* From here on standard output and error of the C library lead here. */
void printed_open(void);

/* Forgets what was printed so far. */
void printed_reset(void);

/* Adds what was written past the C library. */
void printed_add(const char *bytes, size_t size);

/* Since the last reset. */
uint64_t printed_bytes(void);

/* Lines since the last reset; one that has not ended counts. */
uint64_t printed_lines(void);

/* The last bytes since the last reset, in order, and how many they are. Async-
 * signal-safe, as printed_lines is. */
size_t printed_text(char text[PRINTED_BYTES]);

#endif
