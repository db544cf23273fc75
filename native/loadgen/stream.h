/* SPDX-License-Identifier: MIT */
/* stream.h -- what clients say: one long random pattern, read from another
 * place by each client. A byte that is lost, doubled, swapped or another
 * client's shows at once or a few bytes later, and comparing costs a memcmp. */
#ifndef C10KATA_STREAM_H
#define C10KATA_STREAM_H

#include <stddef.h>
#include <stdint.h>

#define STREAM_PERIOD 65521u      /* a prime: no power of two bytes too few or too many go unseen */
#define STREAM_PIECE (64u * 1024) /* readable in one go from any place */

/* Fills the pattern, once for the process. */
void stream_draw(uint64_t seed);

/* STREAM_PIECE bytes of the stream that begins at `start`, from byte `at` on. */
const char *stream_bytes(uint32_t start, uint64_t at);

#endif
