/* SPDX-License-Identifier: MIT
 *
 * history.h -- the operations a driver recorded in this execution. */
#ifndef HISTORY_H
#define HISTORY_H

#include "clock.h"

#include "../include/explore.h"

enum { MAX_OPERATIONS = 24, OPERATION_WORDS = 64 };

struct recorded {
    struct explore_operation operation;
    struct clock called;  /* what the caller knew */
    uint32_t returned;    /* its step when the call returned; 0: it has not */
    int returned_by;      /* the thread: a program may go on elsewhere with a stack of its own */
    uint32_t returned_at; /* pc */
    char words[OPERATION_WORDS];
};

void history_reset(void);
int history_length(void);
const struct recorded *history_at(int index);

/* Must operation `first` come before operation `second`? */
bool history_orders(int first, int second);

#endif
