/* SPDX-License-Identifier: MIT */
/* tagged_stack.h -- a stack of slot numbers, 0 to n - 1, for many threads: who may use which slot of a table that
 * stays.
 *
 * Threads. Any thread may push and pop at any time. Different stacks share nothing. There are threads that end, and
 * threads that come later.
 *
 * Order. Last in, first out, and linearizable: each call seems to happen at one moment between its begin and its end.
 * A slot that was pushed is popped once. It may be pushed again at once, by any thread. What a thread did before it
 * pushed a slot happens before what the thread does that pops it.
 *
 * Progress. Lock-free: a thread may be paused anywhere inside push or pop, for any length of time. Meanwhile the
 * calls of other threads end, each within a bounded number of its own steps where it meets no other thread. They make
 * any number of calls, and slots come and go; when the paused thread goes on, nothing is lost and nothing comes out
 * twice. That is asked for up to 2^21 calls of others during one pause.
 *
 * Cost. A call takes O(1) steps where it meets no other thread, however many slots there are and have been. Only
 * tagged_new allocates, at most 32 bytes for each slot and 4 KiB. Neither push nor pop locks, waits, yields, sleeps or
 * makes a system call, and libatomic is not there. A word of 64 bits is enough. Compare-and-swap of 16 bytes is
 * allowed, as
 * __sync_bool_compare_and_swap and __sync_val_compare_and_swap; the builds have what it needs (-mcx16). */
#ifndef TAGGED_STACK_H
#define TAGGED_STACK_H

#include <stdbool.h>
#include <stdint.h>

struct tagged_stack;

/* A stack for slots 0 to slots - 1, with none inside. NULL: no slots, more than 2^31, or no memory; then nothing is
 * leaked. */
struct tagged_stack *tagged_new(uint32_t slots);

/* Puts `slot` on top. false: there is no such slot, and nothing has changed. That a slot is pushed which is inside
 * already is the caller's error, and need not be noticed. */
bool tagged_push(struct tagged_stack *s, uint32_t slot);

/* Takes the top slot out. UINT32_MAX: the stack is empty. */
uint32_t tagged_pop(struct tagged_stack *s);

/* Frees the stack, whatever is inside. No other call on it may be in progress. NULL does nothing. */
void tagged_free(struct tagged_stack *s);

#endif
