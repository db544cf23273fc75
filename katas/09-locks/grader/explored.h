/* SPDX-License-Identifier: MIT */
/* explored.h -- what the files of the exploration share. */
#ifndef EXPLORED_H
#define EXPLORED_H

#include <stdint.h>

void explore_spin(void);          /* explore_guards.c */
void explore_mutex(void);         /* explore_guards.c */
void explore_mutex_small(void);   /* explore_guards.c */
void explore_semaphore(void);     /* explore_guards.c */
void explore_condvar(void);       /* explore_condvar.c */
void explore_condvar_small(void); /* explore_condvar.c */
void explore_rwlock(void);        /* explore_rwlock.c */

/* The time of the monotonic clock. */
uint64_t clock_ns(void);

/* Fails if `call` has answered false before its deadline. */
void check_not_early(const char *call, uint64_t deadline_ns);

#endif
