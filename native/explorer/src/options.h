/* SPDX-License-Identifier: MIT
 *
 * options.h -- the command line. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct options {
    const char *subject, *scenario;
    const char *seed;    /* as given */
    uint64_t first_seed; /* its value, unless it is a script */
    bool seed_is_script;
    uint64_t executions; /* at most */
    uint64_t seconds;    /* at most, of the clock on the wall; 0: no limit */
    bool exhaustive, every_order;
    uint32_t max_preemptions; /* UINT32_MAX: any number */
    const char *json;
    int json_descriptor; /* -1: `json` is a path */
    int width;
    bool quiet, list;
};

/* Ends the process with status 2 on misuse. */
void options_read(struct options *, int argc, char **argv);

#endif
