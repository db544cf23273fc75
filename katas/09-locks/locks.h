/* SPDX-License-Identifier: MIT */
/* locks.h -- five ways to wait for each other, on a futex.
 *
 * Objects. Every object is the caller's memory: a static variable, a member, a block of malloc's. Bytes that are all
 * zero are an object in its first state: unlocked, without waiters and units. There is nothing to destroy. What an
 * object's words hold is its own file's affair: no other file reads or writes them. An object is not moved or copied
 * once it has been used.
 *
 * Threads. Any thread may make any call at any time. A lock is unlocked by the thread that has it, which does not lock
 * it again before; a semaphore's units belong to nobody. What a caller may not do is not checked.
 *
 * Order. What a thread did before it unlocked is visible to whoever has the lock next; what it did before sem_up, to
 * the one who takes that unit; what it did with the mutex before a signal, to the thread that returns from cond_wait.
 *
 * Waiting sleeps. A thread that cannot go on tries for at most 50 us more, and then sleeps in futex_wait until another
 * thread's call wakes it: it does not look again by itself now and then, and gives futex_wait no deadline but the
 * caller's. The spin lock alone does not sleep: after 100 tries it calls sched_yield between one try and the next.
 *
 * Quiet. A call that finds nobody to wait for and nobody who waits makes no futex call: lock and unlock, signal and
 * broadcast, up, and down with units at hand. (One wake too many is allowed after threads have waited: the first
 * unlock or up without waiters may make it.) Where threads wait, an unlock of a mutex or an up wakes one of them, not
 * all.
 *
 * Deadlines are times of CLOCK_MONOTONIC in nanoseconds. A call with a deadline that can have what it wants at once
 * takes it, even if the deadline has passed. False: the deadline has passed, and the call has taken nothing; never
 * before.
 *
 * The last user may free it. A thread that has got the spin lock, the mutex or a unit may be the last one ever: it may
 * free the memory at once after its own unlock (or after its down), while the call of the other thread that let it in
 * has not returned yet. So after the store that lets others in, unlock and up touch nothing of the object; futex_wake
 * on its address is allowed. Condition variables and readers-writer locks are freed when no call on them is in
 * progress.
 *
 * No call allocates, fails, or uses a lock of the C library's. */
#ifndef LOCKS_H
#define LOCKS_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A cache line's worth, for all kinds alike; most locks need one to three of them. */
#define LOCK_WORDS 16

/* clang-format off */
struct spin  { alignas(8) _Atomic uint32_t word[LOCK_WORDS]; };
struct mutex { alignas(8) _Atomic uint32_t word[LOCK_WORDS]; };
struct cond  { alignas(8) _Atomic uint32_t word[LOCK_WORDS]; };
struct rw    { alignas(8) _Atomic uint32_t word[LOCK_WORDS]; };
struct sem   { alignas(8) _Atomic uint32_t word[LOCK_WORDS]; };
/* clang-format on */

/* spin.c. First come, first served: a thread that has called sched_yield in spin_lock has the lock before all threads
 * whose spin_lock begins later. spin_try answers at once, true if it has the lock now; it does not get in before
 * waiters. */
void spin_lock(struct spin *s);
bool spin_try(struct spin *s);
void spin_unlock(struct spin *s);

/* mutex.c. Waiters get the mutex in any order, and a newcomer may be before them. mutex_try answers at once; it is
 * false only while another thread has the mutex. */
void mutex_lock(struct mutex *m);
bool mutex_try(struct mutex *m);
bool mutex_lock_until(struct mutex *m, uint64_t deadline_ns);
void mutex_unlock(struct mutex *m);

/* mutex.c, too. Locks all of `n` mutexes, given in any order, and one that is there twice once; to be unlocked one by
 * one. Threads that call it for some of the same mutexes do not wait for each other in a circle, whatever their orders,
 * nor do threads that have one mutex and want no other. The array stays as it is; `n` may be 0. */
void mutex_lock_all(struct mutex *const *mutexes, size_t n);

/* condvar.c. The caller has the mutex, and has it again when the call returns, whatever the answer; all who wait at one
 * time use the same mutex. To give the mutex back and to begin to wait is one step for a thread that takes the mutex: a
 * signal that comes later finds the waiter.
 *
 * If threads wait when cond_signal is called, it wakes at least one that has begun to wait before cond_signal returns;
 * not in its place one that begins to wait later. A broadcast wakes all that wait when it is called, and takes no
 * longer for those that come after. The signaller need not have the mutex. A wait may return without a signal, but not
 * often: less than one in a hundred while futex_wait is not interrupted.
 *
 * cond_wait_until: false if the deadline has passed; then no signal was spent on it. After its deadline it answers true
 * only if a signal or a broadcast woke it. */
void cond_wait(struct cond *c, struct mutex *m);
bool cond_wait_until(struct cond *c, struct mutex *m, uint64_t deadline_ns);
void cond_signal(struct cond *c);
void cond_broadcast(struct cond *c);

/* rwlock.c. One writer, or up to 65,535 readers. Phase-fair: a reader that comes while no writer has the lock or waits
 * has it at once, together with those that read. Where a writer has it or waits, later readers wait. When the last
 * reader unlocks, the first of the writers that wait has the lock. When a writer unlocks, all readers that wait then
 * have it and no writer; if none waits, the first of the writers. A reader that comes after that unlock, but before the
 * next writer goes on, may be among them; that writer then waits for it, too. So a reader waits for one writer at most,
 * and writers have the lock in the order in which they began to wait. A thread waits once it sleeps in futex_wait. */
void rw_read_lock(struct rw *l);
void rw_read_unlock(struct rw *l);
void rw_write_lock(struct rw *l);
void rw_write_unlock(struct rw *l);

/* semaphore.c. A number of units, at first none, at most 2^31 - 1; more is the caller's error, and not checked. A down
 * takes a unit and waits until there is one; in any order. sem_try_down answers at once; it is false only if it found
 * no unit. */
void sem_up(struct sem *s);
void sem_down(struct sem *s);
bool sem_try_down(struct sem *s);
bool sem_down_until(struct sem *s, uint64_t deadline_ns);

#endif
