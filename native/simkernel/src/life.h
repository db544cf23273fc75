/* SPDX-License-Identifier: MIT */
/* life.h -- one life of the program: everything as new, then the scenario. */
#ifndef LIFE_H
#define LIFE_H

#include <stdbool.h>
#include <stdint.h>

#include "simkernel.h"

struct failure {
    bool failed;
    const char *verdict; /* "property", "crash", "livelock", "floods", as native/explorer's README names them */
    struct world_rule rule;
    char message[400]; /* "{0}" stands for the place, if there is one */
    uint32_t place;    /* of the learner's, as trace.h has it; 0: none */
    int column;        /* whose last step broke it */
};

extern struct failure failure; /* of the last life */

/* Of this scenario all lives are; once. */
void life_prepare(void (*run)(void));
/* With the answers prepared before; true: a rule was broken. */
bool life_play(void);

#endif
