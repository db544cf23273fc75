/* SPDX-License-Identifier: MIT
 *
 * result.h -- what a run found, for machines. README.md describes the document. */
#ifndef RESULT_H
#define RESULT_H

#include "verdict.h"

#include <stdint.h>
#include <stdio.h>

struct result {
    const char *scenario;
    const char *mode;     /* "random" or "exhaustive" */
    const char *strategy; /* of the failing execution; "" if none failed */
    char seed[4096];      /* replays the failing execution; else the first seed */
    uint64_t executions, steps;
    uint64_t dropped;     /* of the executions, by explore_assume */
    uint64_t cut;         /* exhaustive mode: executions begun that would only have repeated others */
    bool out_of_time;     /* fewer executions than asked for, since the seconds were over */
    int max_preemptions;  /* exhaustive mode */
    uint64_t covered;     /* exhaustive mode: executions of the last walk */
    bool complete;        /* exhaustive mode: nothing within the bound is left */
    bool every_order;     /* exhaustive mode: also those that differ in the order of independent steps alone */
    uint32_t preemptions; /* in the trace */
    int threads;          /* in the trace */
    const char *unknown;  /* names, separated by spaces; "" if none */
};

/* Looks up the source of all places and steps. Call it once, before the other two. */
void result_resolve(void);

void result_write(const struct result *, FILE *);

/* The verdict's message with its places filled in. The text lives until the next call. */
const char *result_message(void);

#endif
