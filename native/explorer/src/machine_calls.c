/* SPDX-License-Identifier: MIT
 *
 * machine_calls.c -- what a program may ask its machine: the same answers in every execution and on every machine. */
#include "footprint.h"
#include "models.h"

enum { PROCESSORS = 2 };

static unsigned random_state;

void machine_calls_reset(void) {
    random_state = 1;
}

/* rand and random share hidden state, which the C library locks; a call orders nothing here. */
void model_srand(unsigned seed) {
    touch(TOUCHED_RANDOM, 1, WRITES);
    random_state = seed;
}

/* The generator of the C standard's example. */
int model_rand(void) {
    touch(TOUCHED_RANDOM, 1, WRITES);
    random_state = random_state * 1103515245u + 12345u;
    return (int)(random_state >> 1);
}

long model_random(void) {
    return model_rand();
}

int model_get_nprocs(void) {
    return PROCESSORS;
}

long model_sysconf(int name) {
    return name == _SC_NPROCESSORS_ONLN || name == _SC_NPROCESSORS_CONF ? PROCESSORS : sysconf(name);
}
