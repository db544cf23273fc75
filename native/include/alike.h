/* SPDX-License-Identifier: MIT */
/* alike.h -- keys whose hashes are nearly equal, for tables that compare less
 * than the whole key.
 *
 * A hash that loses nothing can be inverted: for any two hashes there are two
 * keys. The well-known mixers are such hashes: rounds of "xor with a shifted
 * self, multiply". For each of them, for what it has after each of its rounds,
 * and for both with their halves xored or added, hashes are taken that differ
 * in a window of five bits only, the window at each place of the 64 bits: so
 * they share a half, the low bits, the high bits, or all but a few. The key
 * itself is one of these hashes. Of shorter hashes that cannot be inverted, keys are
 * searched whose hashes are equal. */
#ifndef C10KATA_ALIKE_H
#define C10KATA_ALIKE_H

#include <stddef.h>
#include <stdint.h>

/* Calls `meet` for some 130 keys, each with up to ALIKE_MOST others, all
 * different from it, whose hashes are alike. The same ones for the same seed. */
#define ALIKE_MOST 496
void alike_keys(uint64_t seed, void (*meet)(uint64_t key, const uint64_t *others, size_t count));

/* The number whose product with the odd `n` is 1, modulo 2^64. */
uint64_t alike_inverse(uint64_t n);

#endif
