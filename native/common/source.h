/* SPDX-License-Identifier: MIT
 *
 * source.h -- from offsets in the subject to file and line, by addr2line. */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdint.h>

struct source {
    uint32_t pc;
    char file[256]; /* relative to the working directory where possible; "?" if unknown */
    char path[512]; /* where it can be opened */
    char function[128];
    int line;
};

/* Collects an offset; source_resolve then looks all of them up with one call of addr2line. */
void source_want(uint32_t pc);
void source_resolve(const char *subject_path);

/* Never NULL. */
const struct source *source_of(uint32_t pc);

/* The text of that line without indentation; empty if the file cannot be read. */
const char *source_text(const struct source *);

#endif
