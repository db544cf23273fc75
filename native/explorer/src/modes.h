/* SPDX-License-Identifier: MIT
 *
 * modes.h -- the two ways to search: executions from seeds, or all of them within a bound. */
#ifndef MODES_H
#define MODES_H

#include "options.h"
#include "result.h"

/* Both fill in the result, and leave the shrunk failing execution in `verdict` and the trace. */
void search_randomly(const struct options *, struct result *);
void search_exhaustively(const struct options *, struct result *);

#endif
