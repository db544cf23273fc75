/* SPDX-License-Identifier: MIT */
#include "stream.h"

#include <string.h>

#include "rng.h"

static char pattern[STREAM_PERIOD + STREAM_PIECE];

void stream_draw(uint64_t seed) {
    struct rng rng = rng_new(seed, 0);
    for (size_t i = 0; i < STREAM_PERIOD; i++) pattern[i] = (char)(rng_next(&rng) >> 56);
    for (size_t i = STREAM_PERIOD; i < sizeof pattern; i++) pattern[i] = pattern[i - STREAM_PERIOD];
}

const char *stream_bytes(uint32_t start, uint64_t at) {
    return pattern + (start + at) % STREAM_PERIOD;
}
