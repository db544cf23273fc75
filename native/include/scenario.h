/* SPDX-License-Identifier: MIT */
/* scenario.h -- what a driver defines and what it may ask for.
 *
 * A driver lists its scenarios in `scenarios`, ended by an entry without a
 * name. The guest runs exactly one per process, on the main thread, and sends
 * the last frame of evidence when the function returns. */
#ifndef C10KATA_SCENARIO_H
#define C10KATA_SCENARIO_H

#include <stdint.h>

struct scenario {
    const char *name;
    void (*run)(uint64_t seed);
};

extern const struct scenario scenarios[];

/* A parameter that kata.ts gives to this run. A name that was not given ends
 * the process: a default here would hide a typing error there. */
uint64_t scenario_param(const char *name);

#endif
