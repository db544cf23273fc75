/* SPDX-License-Identifier: MIT
 *
 * script.h -- an execution replayed from its choices, and such choices as text. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "choice.h"

#include <stdbool.h>
#include <stddef.h>

/* What `script` holds; 0 beyond its end, and where it does not fit. */
unsigned answer_from_script(unsigned kind, unsigned options);

/* Choices as text, "x" and the entries that are not 0: "x17.1-32.2". Reading answers false when the text is not one. */
void script_print(const struct choices *, char *text, size_t size);
bool script_read(struct choices *, const char *text);

#endif
