/* SPDX-License-Identifier: MIT
 *
 * futex.h -- the two calls, as programs declare them that the explorer answers. */
#ifndef FUTEX_H
#define FUTEX_H

#include <stdatomic.h>
#include <stdint.h>

int futex_wait(_Atomic uint32_t *word, uint32_t expected, const uint64_t *deadline_ns);
int futex_wake(_Atomic uint32_t *word, int threads);

#endif
