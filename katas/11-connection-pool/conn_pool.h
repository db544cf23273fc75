/* SPDX-License-Identifier: MIT */
/* conn_pool.h -- a bounded pool of connections that are slow to open, may fail,
 * and die; callers wait in order, and not for ever.
 *
 * Threads. Any thread may make any call at any time, conn_pool_free apart, and
 * may release what another one has acquired. The pool has no threads of its own:
 * open, close and alive are called on threads that are in a call of this pool.
 * Different pools share nothing. What a thread did with a connection is visible
 * to the one that has it next, and to open, close and alive.
 *
 * A connection exists from the call of open (until that answers NULL) to the
 * return of its close. Never more than `size_max` exist, and each belongs to one
 * caller at a time. Each is closed exactly once; then open may answer its address anew.
 *
 * Acquire. The idle connection that became idle last, if it is good: not older
 * than `lifetime_max_ns`, not idle for longer than `idle_timeout_ns`, and alive
 * says so. One that is not is closed, and the next one is looked at. None left,
 * and fewer than `size_max` exist: a new one, which the caller opens itself, once.
 * Else the caller waits, unless `waiters_max` wait already.
 *
 * Order. Waiters are served in the order in which they came: by a connection that
 * is released or has become free otherwise, or by a place (a failed open's, or
 * that of a closed connection), in which the waiter then opens one. A new caller
 * takes nothing while others wait. A waiter that no longer waits holds up nobody.
 *
 * Time is the monotonic clock's; setting the time of day moves nothing.
 * `acquire_timeout_ns` counts from the call, however often the caller wakes up
 * meanwhile. A waiter whose time is over answers CONN_TIMEOUT. A connection, or a
 * place, that comes to it too late goes on to the next waiter, else becomes idle,
 * or free; it is never lost. An open that has begun ends: if its caller's time is
 * over by then, the connection goes the same way, and the caller, late, answers
 * CONN_TIMEOUT. An idle connection that is good is CONN_OK whatever the timeout.
 * Every uint64_t is valid: UINT64_MAX is 584 years. 0 as a timeout: do not wait.
 * 0 as `lifetime_max_ns` or `idle_timeout_ns`: there is no such limit. Age counts
 * from the return of open, idleness from the release (or from the open, if nobody
 * has had it).
 *
 * Not locked. While open, close or alive runs, every other call goes on that does
 * not need its result: a slow open delays nobody for whom a connection is idle or
 * is released. open, close and alive may themselves call conn_pool_stats.
 *
 * Waiting sleeps: no polling, no timer but the caller's own timeout; a spin of 50
 * microseconds first is allowed.
 *
 * Memory is taken by conn_pool_new alone: no other call allocates.
 *
 * Of the C library the pool may use POSIX threads, semaphores and clocks, malloc
 * and its kin, and sched_yield: no sleep, and no sem_clockwait, of which
 * ThreadSanitizer does not know. */
#ifndef CONN_POOL_H
#define CONN_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The caller's world. Each function may be called by several threads at once, never for one
 * connection at the same time. */
struct pool_env {
    void *(*open)(void *world);                   /* a new connection; slow; NULL: failed */
    void (*close)(void *world, void *connection); /* may be slow */
    bool (*alive)(void *world, void *connection); /* a quick look at one that was idle */
    void *world;
};

struct pool_limits {
    size_t size_max, idle_min, waiters_max;
    uint64_t acquire_timeout_ns, lifetime_max_ns, idle_timeout_ns;
};

enum conn_status { CONN_OK, CONN_TIMEOUT, CONN_BUSY, CONN_FAILED, CONN_CLOSED };

/* One moment's. open: those that exist and have been opened; each is either idle, or in use: a
 * caller's, being looked at, or being closed. opening: open runs. waiting: callers that wait for a
 * connection or a place. So open == idle + in_use, open + opening <= size_max, waiting <= waiters_max. */
struct conn_stats {
    size_t open, idle, in_use, opening, waiting;
};

struct conn_pool;

/* An empty pool; opens nothing. NULL if `size_max` is 0 or less than `idle_min`, or if there is no
 * memory (numbers too large to multiply included). After NULL nothing is left behind. */
struct conn_pool *conn_pool_new(struct pool_limits, struct pool_env);

/* A connection for this caller alone, in *connection, which is untouched unless the answer is CONN_OK.
 * CONN_TIMEOUT: see above. CONN_BUSY: `waiters_max` wait already; at once. CONN_FAILED: the open that
 * was this caller's failed. CONN_CLOSED: conn_pool_close has been called. */
enum conn_status conn_acquire(struct conn_pool *, void **connection);

/* Gives back what conn_acquire has answered. It is closed, within this call, if it is `broken`, or
 * past its lifetime, or if the pool is closed; else it goes to the first waiter, or becomes idle. */
void conn_release(struct conn_pool *, void *connection, bool broken);

/* Housekeeping. Closes every idle connection that is past its lifetime; then, while more than
 * `idle_min` are idle, those that have been idle for longer than `idle_timeout_ns`, the longest idle
 * first; then, with nobody waiting, opens new ones, one after another, until `idle_min` are idle or
 * being opened by some call of this function, or `size_max` exist, or one fails. On a closed pool it does nothing. */
void conn_pool_tend(struct conn_pool *);

struct conn_stats conn_pool_stats(struct conn_pool *);

/* Closes the pool. From here on conn_acquire answers CONN_CLOSED; waiters answer so at once; a caller
 * that is given a connection in this very moment, or is opening one, answers either CONN_CLOSED, and
 * the connection is closed, or CONN_OK. Closes the idle connections, waits until those in use have
 * been released and closed and those being opened have come to their end, and returns when none
 * exists. Later calls, concurrent ones too, return then as well. */
void conn_pool_close(struct conn_pool *);

/* Closes the pool if it is still open, and frees it. No connection is in use, no other call is in
 * progress or follows. NULL does nothing. */
void conn_pool_free(struct conn_pool *);

#endif
