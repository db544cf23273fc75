/* SPDX-License-Identifier: MIT
 *
 * thread.h -- the program's threads, as fibers of one real thread.
 *
 * Exactly one of them, `running`, executes at a time; it goes on until it reaches a scheduling
 * point (schedule.h). Threads are numbered in order of creation; the scenario itself is T0. */
#ifndef THREAD_H
#define THREAD_H

#include "clock.h"

#include <stddef.h>

struct sync;

enum thread_state { THREAD_RUNNABLE, THREAD_WAITING, THREAD_FINISHED };

enum wait_kind {
    WAIT_MUTEX,
    WAIT_CONDITION,
    WAIT_RWLOCK,
    WAIT_SEMAPHORE,
    WAIT_FUTEX,
    WAIT_BARRIER,
    WAIT_ONCE,
    WAIT_JOIN,
    WAIT_DESCRIPTOR,
    WAIT_EVENTS,
    WAIT_SLEEP,
    WAIT_IDLE
};

struct thread;

/* What a waiting thread waits for. It may go on when ready(thread) or when the deadline is over. */
struct wait {
    enum wait_kind kind;
    bool (*ready)(const struct thread *);
    struct sync *object;       /* what it waits at, or NULL */
    const struct thread *peer; /* the thread it joins, or NULL */
    uint64_t deadline_ns;      /* virtual time; NO_DEADLINE */
    uint32_t round;            /* of a barrier, when it arrived */
};

#define NO_DEADLINE UINT64_MAX

enum { THREAD_KEYS = 16 };

struct thread {
    int id;
    enum thread_state state;
    void *context;
    void *(*start)(void *);
    void *argument, *result;
    bool detached, joined;
    bool learners;       /* the code under test has created it, and may end it anywhere */
    const char *name;    /* given by the driver, or NULL */
    const char *failure; /* what it is if this thread waits for ever, in the driver's words, or NULL */
    uint32_t created_at; /* pc of its creation */

    struct view view;
    struct view release_fence; /* the view at its last release fence: what relaxed stores publish */
    struct view acquire_later; /* gathered by relaxed loads: an acquire fence takes it over */
    unsigned stale_streak, spurious_streak;

    struct wait wait;
    bool signalled;      /* a condition variable's signal, or a futex's wake, has reached it */
    struct sync *relock; /* the mutex a condition wait gave up */

    const char *doing; /* the call or access of its latest scheduling point */
    uint32_t pc;
    uint32_t steps;
    uint32_t awake;       /* steps since it last waited, yielded, or was told to let others run */
    uint32_t naps;        /* its sleeps in a row in which no other thread ran */
    uint32_t yields;      /* since another thread began to wait until all wait */
    const char *claim;    /* the lock-free operation it is in, or NULL */
    uint32_t claim_alone; /* its steps in it since another thread last ran */
    int priority;

    struct {
        uintptr_t word; /* on which it sleeps, while it waits for one */
        uint32_t expected;
        int answer;            /* of a wait that is over although nobody woke it */
        uint32_t waits, wakes; /* calls so far */
    } futex;

    int saved_errno;
    uintptr_t
        frame; /* of the call in which it was left: below lies what has ended. All lies below of a thread that has */
    char *tls;
    void *keys[THREAD_KEYS];
};

extern struct thread threads[MAX_THREADS];
extern int thread_count;
extern struct thread *running;
extern bool exploring; /* false while the subject's constructors run */

/* Reserves the stacks; once per process. `enter` is called on the stack of each new thread, as the running one; it must
 * not return. */
void threads_open(void (*enter)(void));

/* Forgets all threads and makes T0, which will call start(argument). */
void threads_reset(void *(*start)(void *), void *argument);

/* A new thread, runnable, knowing all its creator knows. NULL when there are MAX_THREADS already.
 */
struct thread *thread_new(void *(*start)(void *), void *argument, uint32_t pc);

/* Continues `next`; returns when the caller is continued. */
void thread_switch(struct thread *next);

/* Runs T0 and the threads it starts, until thread_abandon_execution. */
void threads_run(void);
_Noreturn void thread_abandon_execution(void);

/* What some thread has said is the failure if it waits for ever, or NULL. */
const char *threads_failure(void);

/* Counts one step of the running thread: what it does next is not covered by clocks copied so far.
 */
static inline void thread_tick(void) {
    uint32_t now = ++running->view.happened.at[running->id];
    running->view.visible.at[running->id] = now;
}

#endif
