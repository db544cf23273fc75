/* SPDX-License-Identifier: MIT */
/* counter.h -- a counter to which all threads add all the time, and which is read now and then.
 *
 * Threads. Any thread may add and read at any time. Different counters share nothing.
 *
 * Sums. A read answers the sum of a set of adds: of all that happen before the call, none that the call happens before,
 * and of the others some; each is in it once and as a whole, or not at all. Of two reads, one of which happens before
 * the other, the later one's set contains the earlier one's. When no add is in progress, the answer is exact. Sums wrap
 * modulo 2^64. "Happens before" is C11's; neither an add nor a read orders anything else.
 *
 * Progress. A thread may be paused anywhere inside counter_add or counter_read, for any length of time. Meanwhile the
 * adds and reads of other threads end, each within a bounded number of its own steps. An add takes O(1) steps, whatever
 * and whoever was there before; from a thread's second add on, at most one atomic read-modify-write while no other
 * thread adds. A read takes steps in proportion to the size of the counter.
 *
 * Threads come and go. A hundred thousand may add one after another, a thousand at once. What a thread has added stays
 * when it ends, and nothing grows. A thread may be moved to another processor between any two of its steps, and the
 * numbers of processors may have gaps.
 *
 * Memory. Only counter_new allocates, and a counter takes at most 8 KiB. Neither add nor read locks, waits, yields,
 * sleeps or makes a system call.
 *
 * Lines. A cache line is 64 bytes, at a multiple of 64. Of a counter's memory that counter_add writes, all lines lie in
 * this memory as a whole: none is shared with another counter or with the caller's memory. Up to eight threads, started
 * one after another, each on another of as many processors with consecutive numbers, no other thread that has added
 * being alive: once each of them has added for the first time, no two of them write to the same line in their next
 * thousand adds. */
#ifndef COUNTER_H
#define COUNTER_H

#include <stdint.h>

struct counter;

/* A counter that nothing was added to, or NULL if there is no memory; then nothing is leaked. */
struct counter *counter_new(void);

/* Adds `n`, which may be negative. Any thread; never fails, waits or allocates. */
void counter_add(struct counter *c, int64_t n);

/* The sum, as above. Any thread; never fails, waits or allocates. */
int64_t counter_read(struct counter *c);

/* Frees the counter. No other call on it may be in progress; threads that have added to it may still be alive. NULL
 * does nothing. */
void counter_free(struct counter *c);

#endif
