/* SPDX-License-Identifier: MIT
 *
 * execution.h -- one execution of a scenario, from fresh memory to the last thread's end. */
#ifndef EXECUTION_H
#define EXECUTION_H

#include "choice.h"

#include <stdbool.h>

/* Prepares memory and signals for executions of this scenario; once, after the subject is open. */
void executions_open(void (*scenario)(void));

/* Runs the scenario with choices from this source. True if it failed: see `verdict`. One that explore_assume dropped
 * has not failed. */
bool execute(choice_source);

/* Plays every execution with other bytes that has read what nobody wrote: else of those that pass only a part. */
extern bool doubtful;

#endif
