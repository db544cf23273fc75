/* SPDX-License-Identifier: MIT
 *
 * random_calls.c -- rand and random: the same numbers in every execution. Their hidden state is shared and locked in
 * the C library, so calls order nothing here. */
#include "models.h"

static unsigned state;

void random_calls_reset(void) {
    state = 1;
}

void model_srand(unsigned seed) {
    state = seed;
}

/* The generator of the C standard's example. */
int model_rand(void) {
    state = state * 1103515245u + 12345u;
    return (int)(state >> 1);
}

long model_random(void) {
    return model_rand();
}
