/* SPDX-License-Identifier: MIT
 *
 * search.h -- many executions, until one fails. */
#ifndef SEARCH_H
#define SEARCH_H

#include "options.h"
#include "result.h"

/* Both fill in the result, and leave the shrunk failing execution in `verdict` and the trace. */
void search_randomly(void (*scenario)(void), const struct options *, struct result *);
void search_exhaustively(void (*scenario)(void), const struct options *, struct result *);

#endif
