/* SPDX-License-Identifier: MIT */
/* driver.h -- what the driver's files share, and the scenarios. */
#ifndef DRIVER_H
#define DRIVER_H

#include <stddef.h>
#include <stdint.h>

#include "hazard.h"
#include "tagged_stack.h"

/* What the contract owes while there is memory. Without it there is no traffic, and the process ends saying so. */
struct tagged_stack *new_tagged(uint32_t slots);
struct hp_domain *new_domain(size_t threads_max, size_t slots_per_thread);
struct hp_thread *attached(struct hp_domain *domain);
struct hp_stack *new_hp_stack(struct hp_domain *domain);

/* Starts a thread that calls run(number), and waits for its end. */
void one_thread(void (*run)(uint64_t number), uint64_t number);

void tagged_crowd(uint64_t seed);  /* tagged_crowd.c */
void tagged_paused(uint64_t seed); /* tagged_paused.c */
void tagged_wrap(uint64_t seed);   /* tagged_wrap.c */
void tagged_counts(uint64_t seed); /* tagged_counts.c */
void tagged_memory(uint64_t seed); /* tagged_memory.c */
void hp_protects(uint64_t seed);   /* hp_protects.c */
void hp_crowd(uint64_t seed);      /* hp_crowd.c */
void hp_waiting(uint64_t seed);    /* hp_waiting.c */
void hp_leave(uint64_t seed);      /* hp_leave.c */
void hp_chains(uint64_t seed);     /* hp_chains.c */
void hp_paused(uint64_t seed);     /* hp_paused.c */
void hp_counts(uint64_t seed);     /* hp_counts.c */
void hp_memory(uint64_t seed);     /* hp_memory.c */
void bench(uint64_t seed);         /* bench.c */
void garbage(uint64_t seed);       /* garbage.c */
void cost(uint64_t seed);          /* bench.c */

#endif
