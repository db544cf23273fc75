/* SPDX-License-Identifier: MIT */
/* answers.c -- answers from a seed or from a script. A life with more choices
 * than fit into the record is replayed by its seed alone. */
#include "answers.h"

#include "choice.h"
#include "rng.h"
#include "simkernel.h"

enum { ANY_KIND, MAX_OPTIONS = 256 };

static struct rng random_numbers;

static unsigned from_seed(unsigned kind, unsigned options) {
    (void)kind;
    return (unsigned)rng_below(&random_numbers, options);
}

static unsigned from_script(unsigned kind, unsigned options) {
    (void)kind;
    unsigned taken = script_entry();
    return taken < options ? taken : options - 1;
}

void answers_from_seed(uint64_t seed) {
    random_numbers = rng_new(seed, 0);
    choices_begin(from_seed);
}

void answers_from_script(void) {
    choices_begin(from_script);
}

unsigned world_choose(unsigned options) {
    return choose(ANY_KIND, options < MAX_OPTIONS ? options : MAX_OPTIONS);
}

bool world_one_in(unsigned n) {
    return n > 1 ? world_choose(n) == n - 1 : n == 1;
}
