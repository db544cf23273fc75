/* SPDX-License-Identifier: MIT */
/* kinds.h -- the calls of all five files as operations with numbers, for drivers that play any of them. */
#ifndef KINDS_H
#define KINDS_H

#include "locks.h"

/* In the order of kata.ts. */
enum kind { SPIN, MUTEX, CONDVAR, RWLOCK, SEMAPHORE, KINDS };

/* TIME_PASSES and INTERRUPT are not an actor's: the director does them. */
enum op {
    LOCK = 1, /* of a spin lock or a mutex */
    TRY,
    LOCK_UNTIL,
    UNLOCK,
    WAIT,
    WAIT_UNTIL,
    SIGNAL,
    BROADCAST,
    READ_LOCK,
    READ_UNLOCK,
    WRITE_LOCK,
    WRITE_UNLOCK,
    UP,
    DOWN,
    TRY_DOWN,
    DOWN_UNTIL,
    LOCK_ALL, /* the deadline is a pattern's number */
    UNLOCK_ALL,
    TIME_PASSES,
    INTERRUPT,
    OPS
};

/* One of each kind, together in a memory page. */
struct objects {
    struct spin spin;
    struct mutex mutex;
    struct cond cond;
    struct rw rw;
    struct sem sem;
    struct mutex more[2]; /* for LOCK_ALL */
};

/* Lists for mutex_lock_all: of the mutex (0), and of those more (1, 2). */
#define PATTERNS 5
struct pattern {
    size_t n;
    unsigned mutexes[5];
};
extern const struct pattern patterns[PATTERNS];
struct mutex *mutex_of(struct objects *o, unsigned number);

/* Makes the call; what it answered, or true if it answers nothing. */
bool do_op(struct objects *o, enum kind kind, enum op op, uint64_t deadline_ns);

/* Does the call have a deadline? */
bool is_timed(enum op op);

#endif
