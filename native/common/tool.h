/* SPDX-License-Identifier: MIT
 *
 * tool.h -- what another program prints. */
#ifndef TOOL_H
#define TOOL_H

#include <stdio.h>
#include <sys/types.h>

struct tool {
    pid_t process;
    FILE *output;
};

/* Starts a program of the search path. Its `output` is NULL where there is no such program. */
struct tool tool_start(char *const arguments[]);
void tool_end(struct tool *);

#endif
