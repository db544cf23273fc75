/* SPDX-License-Identifier: MIT */
/* at_hand.h -- the system call that the server is in: a failure is shown as that call, at that place. */
#ifndef AT_HAND_H
#define AT_HAND_H

#include <stdint.h>

struct call_at_hand {
    const char *name; /* NULL: none */
    uint32_t place;   /* in the learner's code */
};

extern struct call_at_hand at_hand;

#endif
