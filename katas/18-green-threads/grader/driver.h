/* SPDX-License-Identifier: MIT */
/* driver.h -- what the drivers of the scenarios share. */
#ifndef DRIVER_H
#define DRIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "green.h"

/* green_run with first(NULL), green_go and chan_new: the traffic is broken off where they fail. */
void run_green(size_t workers, void (*first)(void *));
struct green *go(void (*run)(void *), void *arg);
struct chan *new_channel(size_t capacity);

/* Runs `count` threads with the numbers from 0, and joins them. */
void go_all(uint64_t count, void (*run)(void *));

/* What the kernel says of this process. */
uint64_t resident_bytes(void);
uint64_t mapped_bytes(void);
uint64_t kernel_threads(void);
uint64_t kernel_bytes(void); /* its stacks, on the whole machine, and this process' page tables */
uint64_t descriptors(void);

/* Asks the kernel, which answers where a program would crash. */
bool is_readable(uintptr_t address);

/* One green thread in each wait; are all on their way into it; they get what they wait for, and are joined; what they
 * saw. */
void begin_waits(void);
bool waits_begun(void);
void end_waits(void);
void waits_report(void);

void basics(uint64_t seed);       /* basics.c */
void many(uint64_t seed);         /* many.c */
void most(uint64_t seed);         /* many.c */
void waiting(uint64_t seed);      /* waiting.c */
void short_sleeps(uint64_t seed); /* waits.c */
void signals(uint64_t seed);      /* signals.c */
void registers(uint64_t seed);    /* registers.c */
void stacks(uint64_t seed);       /* stacks.c */
void again(uint64_t seed);        /* again.c */
void held(uint64_t seed);         /* cost.c */
void hands(uint64_t seed);        /* cost.c */
void turns(uint64_t seed);        /* fair.c */
void starving(uint64_t seed);     /* fair.c */
void left_out(uint64_t seed);     /* fair_workers.c */
void crowd(uint64_t seed);        /* crowd.c */
void leftovers(uint64_t seed);    /* crowd.c */
void bench(uint64_t seed);        /* bench.c */

#endif
