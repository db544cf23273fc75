/* SPDX-License-Identifier: MIT
 *
 * sync.h -- mutexes, condition variables and their like, kept outside the program's memory.
 *
 * An object is found by its address. It comes to life by its init call, or by first use when its
 * bytes are all zero, as those of a static initializer are. */
#ifndef SYNC_H
#define SYNC_H

#include "clock.h"

#include <stddef.h>

enum sync_kind { SYNC_MUTEX, SYNC_CONDITION, SYNC_RWLOCK, SYNC_SEMAPHORE, SYNC_BARRIER, SYNC_ONCE, SYNC_SPIN };

enum mutex_type { MUTEX_NORMAL, MUTEX_RECURSIVE, MUTEX_CHECKING };

struct sync {
    uintptr_t address;
    uint16_t next; /* in its cell: index + 1 */
    enum sync_kind kind;
    bool destroyed;
    bool marked; /* its bytes were overwritten by init or destroy: zeros there mean a new object */
    int owner;   /* thread that holds it exclusively, or -1 */
    int depth;   /* of recursive locking */
    enum mutex_type type;
    bool monotonic;                  /* condition variable: whose clock its deadlines are read on */
    int value;                       /* semaphore: count; once: 0 new, 1 running, 2 done; rwlock: read locks held */
    int limit;                       /* barrier: threads per round */
    uint32_t round;                  /* barrier */
    uint8_t read_depth[MAX_THREADS]; /* rwlock: read locks held, by thread */
    struct view view;                /* what acquiring it teaches */
    struct view next_view;           /* barrier: collected for the round that forms; rwlock: by readers */
};

void sync_reset(void);

/* Makes the object at this address new. */
struct sync *sync_init(void *address, enum sync_kind, uint32_t pc);

/* The object at this address, for use. Reports one that was never initialised, or was destroyed, or
 * is of another kind. */
struct sync *sync_use(void *address, enum sync_kind, uint32_t pc, const char *doing);

void sync_destroy(void *address, enum sync_kind, uint32_t pc, const char *doing);

/* The running thread learns what the object holds; the object learns what the thread knows. */
void sync_acquire(struct sync *);
void sync_release(struct sync *);

#endif
