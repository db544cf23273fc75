/* SPDX-License-Identifier: MIT */
/* futex.h -- to sleep until a word changes: the two calls of the kernel that every lock of this kata stands on.
 *
 * A word is any aligned 32 bits. The kernel knows it by its address, and only while threads sleep there. Any thread may
 * call both at any time. */
#ifndef FUTEX_H
#define FUTEX_H

#include <stdatomic.h>
#include <stdint.h>

/* Sleeps if `*word` is `expected`; looking and falling asleep are one step, between which no wake on this word comes.
 * `deadline_ns`: the time of CLOCK_MONOTONIC at which it gives up; NULL: never.
 *
 *   0           woken, or for no reason at all
 *   -EAGAIN     `*word` was something else; it did not sleep
 *   -EINTR      a signal came
 *   -ETIMEDOUT  the deadline has passed, and never before it has
 *
 * All four happen at any time. It orders no memory: that is for the caller's atomic operations. */
int futex_wait(_Atomic uint32_t *word, uint32_t expected, const uint64_t *deadline_ns);

/* Wakes at most `threads` of those that sleep on `word`, and answers how many. Which ones is not promised: not those
 * that have slept longest. Wakes are not kept: who falls asleep later is not woken. The word itself is not touched: its
 * memory may have been freed, and may be another object's by now. */
int futex_wake(_Atomic uint32_t *word, int threads);

#endif
