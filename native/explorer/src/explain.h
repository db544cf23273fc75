/* SPDX-License-Identifier: MIT
 *
 * explain.h -- a failure in its simplest form, step by step. */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "result.h"

/* Shrinks the execution in `record`, which has just failed, and leaves it in `verdict` and the trace. */
void explain(struct result *);

#endif
