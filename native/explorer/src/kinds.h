/* SPDX-License-Identifier: MIT
 *
 * kinds.h -- the kinds of choices in an execution. 0 is always the plain one: the same thread goes on, a load returns
 * the newest value, nothing fails. */
#ifndef KINDS_H
#define KINDS_H

#include "choice.h"

enum choice_kind {
    CHOOSE_THREAD,
    CHOOSE_STORE,         /* how far back a load looks */
    CHOOSE_WAITER,        /* which waiter a signal wakes */
    CHOOSE_SPURIOUS_WAKE, /* 0: none */
    CHOOSE_SPURIOUS_CAS,
    CHOOSE_TIMEOUT, /* 0: time does not jump to a deadline */
    CHOOSE_MALLOC_FAILURE,
    CHOOSE_THREAD_FAILURE,
    CHOOSE_PARK,
    CHOOSE_REUSE,
    CHOOSE_LAG,  /* of a coarse clock */
    CHOOSE_MOVE, /* to how many processors further; 0: the thread stays where it is */
    CHOOSE_DRIVER
};

#endif
