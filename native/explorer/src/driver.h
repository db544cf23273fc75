/* SPDX-License-Identifier: MIT
 *
 * driver.h -- the explorer's side of what drivers record. */
#ifndef DRIVER_H
#define DRIVER_H

#include <stdbool.h>
#include <stdint.h>

enum { MAX_OUTCOMES = 4096, OUTCOME_SIZE = 48 };

struct outcome {
    char text[OUTCOME_SIZE];
    uint64_t count;
};

void driver_reset(void);

/* Was this execution dropped by explore_assume? */
bool driver_dropped(void);

/* How many different outcomes there were over all executions; *out: the first of them. */
int outcomes_seen(const struct outcome **out);

#endif
