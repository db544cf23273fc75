/* SPDX-License-Identifier: MIT */
/* explored.h -- the scenarios of the exploration, and the stack that both halves are compared with. */
#ifndef EXPLORED_H
#define EXPLORED_H

#include <stdbool.h>

#include "explore.h"

/* Last in, first out. All members are long: no padding. An operation's name begins with "pu" or "po"; a pop answers
 * NOTHING where the stack is empty. */
enum { NOTHING = -1, MOST = 10 };
struct stack_model {
    long size, inside[MOST];
};
bool stack_step(void *state, const struct explore_operation *operation);

void tagged_traffic(void); /* explore_tagged.c */
void tagged_small(void);
void hp_objects(void); /* explore_objects.c */
void hp_small(void);
void hp_values(void); /* explore_values.c */
void hp_top_comes_back(void);

#endif
