/* SPDX-License-Identifier: MIT */
/* patterns.c -- keys made for naive hashes.
 *
 *   patterns  kind
 *
 * For each pattern CAPACITY puts, as many gets, and as many puts that evict,
 * all of keys of that pattern. The first one is random: the measure for the
 * others. A pattern is stopped at STEP_LIMIT steps a call.
 *
 * Before that, keys with hashes that are nearly equal (alike.c).
 *
 * Evidence: the rows `costs`, a phase for each pattern, by its place in the
 * table below; and what alike.c says. */
#include "driver.h"

#include "alike.h"
#include "costs.h"
#include "rng.h"
#include "scenario.h"

#define CAPACITY 20000
#define STEP_LIMIT 1000
#define CALLS (3 * CAPACITY)

static uint64_t prime_from(uint64_t n) {
    for (;; n++) {
        uint64_t divisor = 2;
        while (divisor * divisor <= n && n % divisor != 0) divisor++;
        if (divisor * divisor > n) return n;
    }
}

/* A pattern's i-th key is i times its factor; 0: random. */
static uint64_t factor(size_t pattern) {
    const uint64_t factors[] = {
        0,
        1,                 /* the key itself: harmless, except that the keys are in order */
        (uint64_t)1 << 16, /* low bits all zero */
        (uint64_t)1 << 32, /* a low half of zero */
        (uint64_t)1 << 44,
        CAPACITY, /* remainders */
        2 * CAPACITY,
        prime_from(CAPACITY),
        prime_from(2 * CAPACITY),
        alike_inverse(0x9e3779b97f4a7c15u), /* products: 2^64 by the golden ratio */
        alike_inverse(2654435761u),         /* 2^32 by the golden ratio (Knuth) */
        alike_inverse(0xff51afd7ed558ccdu), /* MurmurHash3's */
        alike_inverse(0xbf58476d1ce4e5b9u), /* splitmix64's */
        alike_inverse(0x100000001b3u),      /* FNV's */
        alike_inverse(0x517cc1b727220a95u), /* FxHash's */
        alike_inverse(0xc4ceb9fe1a85ec53u), /* the second ones of MurmurHash3 and splitmix64 */
        alike_inverse(0x94d049bb133111ebu),
        alike_inverse(6364136223846793005u), /* Knuth's, of MMIX */
        ((uint64_t)1 << 32) + 1,             /* xor-fold: both halves are equal */
        ((uint64_t)1 << 16) + 1,
    };
    return pattern < sizeof factors / sizeof *factors ? factors[pattern] : UINT64_MAX;
}

static uint64_t key_at(uint64_t by, uint64_t i, uint64_t seed) {
    if (by > 0) return i * by;
    struct rng rng = rng_new(seed, i);
    return rng_next(&rng);
}

static void play(const struct kind *kind, size_t which, uint64_t seed) {
    void *cache = new_cache(scenario_param("kind"), CAPACITY);
    struct cache_entry evicted;
    uint64_t value, by = factor(which);
    cost_begin(which, CAPACITY, CALLS, (uint64_t)CALLS * STEP_LIMIT);
    for (uint64_t i = 0; i < CAPACITY; i++) (void)kind->put(cache, key_at(by, i, seed), i, &evicted);
    for (uint64_t i = 0; i < CAPACITY; i++) (void)kind->get(cache, key_at(by, i, seed), &value);
    for (uint64_t i = 0; i < CAPACITY; i++) (void)kind->put(cache, key_at(by, CAPACITY + i, seed), i, &evicted);
    cost_end();
    kind->free(cache);
}

void patterns(uint64_t seed) {
    const struct kind *kind = &kinds[scenario_param("kind")];
    alike(seed); /* first: a pattern that costs too much ends the process */
    for (size_t which = 0; factor(which) != UINT64_MAX; which++) play(kind, which, seed);
    costs_report();
}
