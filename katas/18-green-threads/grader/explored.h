/* SPDX-License-Identifier: MIT */
/* explored.h -- green threads under the schedule explorer: what its scenarios share.
 *
 * What the driver notes lies in quiet functions and orders nothing. Numbers that
 * travel lie in plain memory, so a library that does not order what it promises to order
 * has a data race; locals whose address is known do so too, so a thread that runs twice at
 * once, or on a stack in use, meets itself. */
#ifndef EXPLORED_H
#define EXPLORED_H

#include "explore.h"
#include "green.h"

#include <stdbool.h>
#include <stdint.h>

#define NS_PER_S UINT64_C(1000000000)

/* green_run with first(NULL); fails unless it answers 0 and all that were started have ended. */
void run_green(size_t workers, void (*first)(void));

/* green_go; fails where it answers NULL, unless memory may be short. Counts who ends. */
struct green *go(void (*run)(void *), int number);

/* Two connected sockets in non-blocking mode. */
void make_sockets(int ends[2]);

void run_traffic(void);  /* explore_threads.c */
void run_small(void);    /* explore_threads.c */
void run_memory(void);   /* explore_threads.c */
void run_together(void); /* explore_threads.c */
void run_channel(void);  /* explore_channels.c */
void run_line(void);     /* explore_channels.c */
void run_closing(void);  /* explore_channels.c */
void run_sleeps(void);   /* explore_waits.c */
void run_sockets(void);  /* explore_waits.c */
void run_numbers(void);  /* explore_waits.c */
void run_idle(void);     /* explore_waits.c */

#endif
