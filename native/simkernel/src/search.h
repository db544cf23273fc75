/* SPDX-License-Identifier: MIT */
/* search.h -- lives from seeds, until one breaks a rule. */
#ifndef SEARCH_H
#define SEARCH_H

#include <stdbool.h>
#include <stdint.h>

struct search {
    void (*run)(void);
    uint64_t seed, executions;
    double seconds;
    uint64_t done; /* lives played */
};

/* true: the last life broke a rule, and `failure`, `record` tell which. */
bool search_lives(struct search *);

/* Makes the failing life plainer as long as the same rule is broken, then
 * plays it once more, traced. */
void shrink(void (*run)(void));

#endif
