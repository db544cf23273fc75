/* SPDX-License-Identifier: MIT
 *
 * explore.c -- kata 10 under the schedule explorer: the list of scenarios, and the sequential stack. */
#include "explored.h"

#include <stddef.h>
#include <string.h>

bool stack_step(void *state, const struct explore_operation *op) {
    struct stack_model *m = state;
    if (strncmp(op->name, "pu", 2) == 0) {
        if (m->size == MOST) return false;
        m->inside[m->size++] = op->argument[0];
        return true;
    }
    if (m->size == 0) return op->result == NOTHING;
    if (m->inside[m->size - 1] != op->result) return false;
    m->inside[--m->size] = 0;
    return true;
}

const struct explore_scenario explore_scenarios[] = {
    {"tagged_traffic", tagged_traffic}, {"tagged_small", tagged_small},
    {"hp_objects", hp_objects},         {"hp_small", hp_small},
    {"hp_values", hp_values},           {NULL, NULL},
};
