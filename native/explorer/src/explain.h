/* SPDX-License-Identifier: MIT
 *
 * explain.h -- a failure in its simplest form, step by step. */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "findings.h"
#include "result.h"

/* Shrinks this execution, and leaves it in `verdict` and the trace. */
void explain(struct result *, const struct finding *);

#endif
