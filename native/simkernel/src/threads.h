/* SPDX-License-Identifier: MIT */
/* threads.h -- the program's threads, of which one runs at a time. */
#ifndef THREADS_H
#define THREADS_H

#include <stdbool.h>
#include <stdint.h>

enum { MAX_THREADS = 40 };

struct thread {
    enum { THREAD_FREE, THREAD_ALIVE, THREAD_ENDED } state;
    bool detached, joined;
    void *(*routine)(void *);
    void *argument, *result;
    /* Why it does not run: until this is true, or the time has come. NULL: it can. */
    bool (*over)(const void *);
    const void *about;
    uint64_t deadline;
    const char *call;      /* the lock's call in which it waits; NULL: it waits for events, or does not */
    const void *condition; /* in whose line it is ... */
    uint64_t ticket;       /* ... since when ... */
    bool signalled;        /* ... or was taken out of it */
};

extern struct thread threads[MAX_THREADS];
extern int thread_now; /* 0: the one that the scenario runs on */

void threads_reset(void);
/* -1: there are too many. */
int thread_new(void *(*routine)(void *), void *argument);
_Noreturn void thread_end(void *result);
/* Another thread may go on here, by choice. */
void thread_point(void);
/* The running thread waits; others run, and when none can, clients act or time passes. */
void thread_wait(const char *call, bool (*over)(const void *), const void *about, uint64_t deadline);
/* There are others than the scenario's. */
bool threads_many(void);
/* Of a file that was woken: whoever sleeps looks again. */
extern uint64_t file_wakes;
/* Goes on at `leave` on the scenario's stack, and nowhere else. */
_Noreturn void threads_leave(void (*leave)(void));

/* Nothing can happen any more: is that a lock's fault? */
void threads_judge_deadlock(void);

/* epoll.c: nothing can run: a client acts, or time passes. */
void time_passes(uint64_t deadline);

#endif
