/* SPDX-License-Identifier: MIT */
/* thread_pool.h -- a fixed number of threads that run jobs from a bounded
 * queue.
 *
 * Threads. Every call except pool_free may be made by any thread at any time.
 * From inside a job, pool_try_submit works as from anywhere else; a submit
 * that waits there may wait for ever, at the caller's risk; pool_wait_idle,
 * pool_shutdown and pool_free there are errors. A NULL job is an error.
 * Different pools share nothing.
 *
 * Jobs. A job is accepted when its submit answers POOL_OK, and only then will
 * it run: once, on one of the pool's own threads (not on a submitter's, nor on
 * one of another pool's, even if a job of that pool submitted it), with no lock
 * of the pool's held. Jobs are handed out in the order of their acceptance; any
 * one of several blocked submitters may be accepted next. The pool never touches
 * what `arg` points to. What a thread did before a submit is visible to the job;
 * what a job did is visible to whoever returns from a pool_shutdown or
 * pool_wait_idle that waited for it.
 *
 * Parallelism. At most `workers` jobs run at a time. Whenever a job is queued
 * and fewer than `workers` run, another one starts, and no running job has to
 * end first: jobs may wait for each other, `workers` of them can meet at a
 * barrier.
 *
 * Capacity. While `workers` jobs run, exactly `queue_capacity` more are
 * accepted. While threads are idle or just waking up, up to `workers` more.
 *
 * Time. Timeouts are nanoseconds of the monotonic clock: setting the time of
 * day moves none of them. A thread that has nothing to do, or is blocked in
 * one of these calls, sleeps within a millisecond (it may spin for 50
 * microseconds first), and no timer wakes it but its own timeout.
 *
 * Memory and threads are taken by pool_new alone: nothing is allocated
 * between its return and pool_shutdown, however large its two numbers are.
 *
 * Of the C library the pool may use POSIX threads, semaphores and clocks,
 * malloc and its kin, and sched_yield: no sleep. C11's threads.h and
 * sem_clockwait are out, because ThreadSanitizer does not understand them. */
#ifndef THREAD_POOL_H
#define THREAD_POOL_H

#include <stddef.h>
#include <stdint.h>

struct thread_pool;
typedef void (*pool_job)(void *arg);

enum pool_status { POOL_OK, POOL_FULL, POOL_TIMEOUT, POOL_CLOSED };
enum pool_stop { POOL_DRAIN, POOL_DISCARD };

/* A pool of `workers` threads, all started. NULL if one of the two numbers is
 * zero, if there is no memory (numbers too large to multiply included), or if
 * a thread will not start: a pool never has fewer workers than it was asked for.
 * After NULL nothing is leaked and nothing runs. */
struct thread_pool *pool_new(size_t workers, size_t queue_capacity);

/* Submits a job; waits while the queue is full. POOL_OK or POOL_CLOSED. */
enum pool_status pool_submit(struct thread_pool *, pool_job, void *arg);

/* Submits a job; never waits for room. POOL_OK, POOL_FULL or POOL_CLOSED.
 * POOL_FULL means that the queue was full: that other threads are in a call of
 * the same pool is no reason, so a short wait for a lock is allowed. */
enum pool_status pool_try_submit(struct thread_pool *, pool_job, void *arg);

/* Submits a job; waits for room, at most `timeout_ns` nanoseconds from the call
 * on, however often it wakes up meanwhile and finds the queue full again. Where
 * there is room at once, POOL_OK whatever the timeout. POOL_TIMEOUT comes never too
 * early; with 0 a full queue is POOL_TIMEOUT at once. Every uint64_t is valid:
 * UINT64_MAX is 584 years. POOL_OK, POOL_TIMEOUT or POOL_CLOSED. */
enum pool_status pool_submit_within(struct thread_pool *, pool_job, void *arg, uint64_t timeout_ns);

/* Returns when every job accepted before the call is done: it has returned, or
 * a shutdown has discarded it. Jobs accepted later do not hold the call up. */
void pool_wait_idle(struct thread_pool *);

/* Closes the pool. From here on every submit answers POOL_CLOSED, those that
 * are waiting and those of the pool's own jobs too. POOL_DRAIN lets the queued
 * jobs run; POOL_DISCARD drops them. Returns when all worker threads have ended, the destructors of their
 * thread-specific values included. The result is the number of jobs that were
 * accepted and never ran: 0 after a drain.
 *
 * Only the first call's `how` counts. Later calls, concurrent ones too, return
 * 0 once the first has finished. */
size_t pool_shutdown(struct thread_pool *, enum pool_stop how);

/* Frees the pool; drains and shuts it down first if it is still open. No other
 * call may be in progress or follow. NULL does nothing. */
void pool_free(struct thread_pool *);

#endif
