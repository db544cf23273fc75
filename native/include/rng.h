/* SPDX-License-Identifier: MIT */
/* rng.h -- a seeded generator for drivers: splitmix64 (Steele, Lea, Flood,
 * OOPSLA 2014). Equal seeds give equal sequences on every machine. One state
 * belongs to one thread. */
#ifndef C10KATA_RNG_H
#define C10KATA_RNG_H

#include <stdint.h>

struct rng {
    uint64_t state;
};

/* Stream `stream` of `seed`: streams of one seed are independent. */
static inline struct rng rng_new(uint64_t seed, uint64_t stream) {
    return (struct rng){seed ^ (stream + 1) * 0x9e3779b97f4a7c15u};
}

static inline uint64_t rng_next(struct rng *r) {
    uint64_t z = (r->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Uniform enough in [0, bound) for traffic; `bound` is not 0. */
static inline uint64_t rng_below(struct rng *r, uint64_t bound) {
    return rng_next(r) % bound;
}

#endif
