/* SPDX-License-Identifier: MIT */
/* alike.c -- keys whose hashes are nearly equal: mixers, undone. */
#include "alike.h"

#include <stdlib.h>

#include "rng.h"

#define WINDOW 5
#define STEP 4
#define ROUNDS 4
#define SEARCHED (1 << 19)

typedef void meet_function(uint64_t key, const uint64_t *others, size_t count);

/* By Newton's method: every round doubles the number of right bits, of which n has three. */
uint64_t alike_inverse(uint64_t n) {
    uint64_t x = n;
    for (int round = 0; round < 5; round++) x *= 2 - n * x;
    return x;
}

/* hash ^= hash >> shift, hash *= factor; a shift of 0 shifts nothing. */
struct round {
    unsigned shift;
    uint64_t factor;
};

static const struct mixer {
    struct round rounds[ROUNDS]; /* up to a factor of 0 */
} mixers[] = {
    {{{0, 1}}}, /* the key itself */
    {{{0, 0x9e3779b97f4a7c15u}}},
    {{{0, 2654435761u}}},
    {{{0, 0x100000001b3u}}},
    {{{0, 0x517cc1b727220a95u}}},
    {{{0, 6364136223846793005u}}},
    {{{33, 0xff51afd7ed558ccdu}, {33, 0xc4ceb9fe1a85ec53u}, {33, 1}}}, /* MurmurHash3 */
    {{{30, 0xbf58476d1ce4e5b9u}, {27, 0x94d049bb133111ebu}, {31, 1}}}, /* splitmix64 */
    {{{27, 0x3c79ac492ba7b653u}, {33, 0x1c69b3f74ac4ae35u}, {27, 1}}}, /* moremur */
    {{{33, 0xc2b2ae3d27d4eb4fu}, {29, 0x165667b19e3779f9u}, {32, 1}}}, /* XXH64 */
    {{{37, 0x165667919e3779f9u}, {32, 1}}},                            /* XXH3 */
    {{{32, 0xd6e8feb86659fd93u}, {32, 0xd6e8feb86659fd93u}, {32, 1}}}, /* Degski */
    {{{32, 0xdaba0b6eb09322e3u}, {32, 0xdaba0b6eb09322e3u}, {32, 1}}}, /* Lea */
    {{{32, 0x9e3779b97f4a7c15u}, {29, 0x9e3779b97f4a7c15u}, {32, 1}}},
    {{{23, 0x2127599bf4325c37u}, {47, 1}}}, /* fasthash */
};
#define MIXERS (sizeof mixers / sizeof *mixers)

/* What a hash may still be turned into: nothing, its halves xored, or added. */
static const struct round folds[] = {{0, 1}, {32, 1}, {0, ((uint64_t)1 << 32) + 1}};
#define FOLDS (sizeof folds / sizeof *folds)

/* The hash before this round. */
static uint64_t undone(uint64_t hash, struct round round) {
    hash *= alike_inverse(round.factor);
    uint64_t before = hash;
    for (unsigned known = round.shift; round.shift > 0 && known < 64; known += round.shift)
        before = hash ^ before >> round.shift;
    return before;
}

/* The key of which this is the hash, after the first `rounds` rounds and a fold. */
static uint64_t key_of(uint64_t hash, const struct round *rounds, size_t count, struct round fold) {
    hash = undone(hash, fold);
    while (count > 0) hash = undone(hash, rounds[--count]);
    return hash;
}

static void meet_window(meet_function *meet, uint64_t hash, const struct round *rounds, size_t count,
                        struct round fold) {
    uint64_t others[ALIKE_MOST];
    size_t n = 0;
    for (unsigned at = 0; at <= 64 - STEP; at += STEP)
        for (uint64_t bits = 1; bits < 1 << WINDOW; bits++)
            if (bits << at) others[n++] = key_of(hash ^ bits << at, rounds, count, fold);
    meet(key_of(hash, rounds, count, fold), others, n);
}

static void meet_mixed(meet_function *meet, const struct round *rounds, uint64_t hash) {
    for (size_t count = 1; count <= ROUNDS && rounds[count - 1].factor != 0; count++)
        for (size_t fold = 0; fold < FOLDS; fold++) meet_window(meet, hash, rounds, count, folds[fold]);
}

/* Hashes of 32 bits, over the key's bytes from the lowest on. */
static uint32_t fnv_1a(uint32_t hash, uint8_t byte) {
    return (hash ^ byte) * 16777619u;
}
static uint32_t fnv_1(uint32_t hash, uint8_t byte) {
    return hash * 16777619u ^ byte;
}
static uint32_t times_33(uint32_t hash, uint8_t byte) {
    return hash * 33 + byte;
}
static uint32_t times_31(uint32_t hash, uint8_t byte) {
    return hash * 31 + byte;
}
static uint32_t one_at_a_time(uint32_t hash, uint8_t byte) {
    hash += byte, hash += hash << 10;
    return hash ^ hash >> 6;
}
static uint32_t crc_32(uint32_t hash, uint8_t byte) {
    hash ^= byte;
    for (int bit = 0; bit < 8; bit++) hash = hash >> 1 ^ (hash & 1 ? 0xedb88320u : 0);
    return hash;
}

static const struct {
    uint32_t (*step)(uint32_t hash, uint8_t byte);
    uint32_t begin;
} hashes[] = {{fnv_1a, 2166136261u}, {fnv_1, 2166136261u}, {times_33, 5381},
              {times_31, 0},         {one_at_a_time, 0},   {crc_32, UINT32_MAX}};
#define HASHES (sizeof hashes / sizeof *hashes)

static uint32_t hash_of(size_t which, uint64_t key) {
    uint32_t hash = hashes[which].begin;
    for (int shift = 0; shift < 64; shift += 8) hash = hashes[which].step(hash, (uint8_t)(key >> shift));
    return hash;
}

/* Two of these keys have equal hashes 32 times on average, and are found together some twenty times. */
static void meet_hashed(meet_function *meet, size_t which, uint64_t seed, uint64_t *seen) {
    struct rng keys = rng_new(seed, which + 1);
    for (size_t i = 0; i < SEARCHED; i++) seen[i] = 0;
    for (size_t i = 0; i < SEARCHED; i++) {
        uint64_t key = rng_next(&keys), hash = hash_of(which, key), *place = &seen[hash % SEARCHED];
        if (*place != 0 && *place != key && hash_of(which, *place) == hash) meet(key, place, 1);
        *place = key;
    }
}

void alike_keys(uint64_t seed, meet_function *meet) {
    struct rng hash = rng_new(seed, 0);
    for (size_t mixer = 0; mixer < MIXERS; mixer++) meet_mixed(meet, mixers[mixer].rounds, rng_next(&hash));
    uint64_t *seen = malloc(SEARCHED * sizeof *seen);
    if (!seen) abort();
    for (size_t which = 0; which < HASHES; which++) meet_hashed(meet, which, seed, seen);
    free(seen);
}
