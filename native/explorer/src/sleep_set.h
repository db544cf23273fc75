/* SPDX-License-Identifier: MIT
 *
 * sleep_set.h -- partial-order reduction by sleep sets (Godefroid, 1996), within a bound on preemptions.
 *
 * Where the exhaustive search lets another thread run, after it has tried one, the one tried is put to sleep: until
 * something runs that depends on its step, to run that step would only repeat, in another order, an execution that
 * came before. An execution in which a sleeping thread must run is cut.
 *
 * With a bound the execution that came before must lie within it, too (Coons, Musuvathi, McKinley, OOPSLA 2013). So
 * only those are put to sleep whose step, moved to the front, costs no preemption more: see exhaustive.c.
 *
 * (Not to be confused with threads that sleep because the program says so.) */
#ifndef SLEEP_SET_H
#define SLEEP_SET_H

#include "footprint.h"

struct thread;

/* Whether steps are looked at. Off: no thread ever sleeps. */
extern bool sleep_set_used;

void sleep_set_reset(void);
bool sleep_set_holds(const struct thread *);

/* `thread` sleeps once the next step has begun. `tried`: all that its step touches. */
void sleep_set_add(const struct thread *, const struct footprint *tried);

/* The footprints of the next step are to be joined there as well. */
void sleep_set_keep(struct footprint *);

/* At each scheduling point: the running thread's step is over, and the next one begins. Cuts the execution when the
 * thread sleeps. */
void sleep_set_end_step(bool goes_on);
void sleep_set_begin_step(const struct thread *);

/* The running thread is about to load: the location has had so many stores. Where the thread has slept, the load need
 * look no further back than to the first one that has come since; this many `options` are left to it. */
void sleep_set_note_load(uintptr_t address, unsigned size_bytes, unsigned stores);
unsigned sleep_set_newer(unsigned options);

#endif
