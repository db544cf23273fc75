/* SPDX-License-Identifier: MIT */
/* choice.c -- answers from a seed or from a script, and the record of both. */
#include "choice.h"

#include "rng.h"
#include "simkernel.h"

struct choices record, script;

static struct rng random_numbers;
static bool scripted;

void choices_from_seed(uint64_t seed) {
    random_numbers = rng_new(seed, 0);
    scripted = false;
    record.count = 0;
}

void choices_from_script(void) {
    scripted = true;
    record.count = 0;
}

static unsigned answer(unsigned options) {
    if (!scripted) return (unsigned)rng_below(&random_numbers, options);
    unsigned taken = record.count < script.count ? script.taken[record.count] : 0;
    return taken < options ? taken : options - 1;
}

unsigned world_choose(unsigned options) {
    if (options > 256) options = 256;
    unsigned taken = options > 1 ? answer(options) : 0;
    /* A life with more choices than fit is replayed by its seed alone. */
    if (record.count < MAX_CHOICES) record.taken[record.count++] = (uint8_t)taken;
    return taken;
}

bool world_one_in(unsigned n) {
    return n > 1 ? world_choose(n) == n - 1 : n == 1;
}
