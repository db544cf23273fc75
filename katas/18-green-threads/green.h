/* SPDX-License-Identifier: MIT */
/* green.h -- green threads: very many threads of a program's own, on few
 * threads of the kernel's.
 *
 * Workers. green_run makes `workers` threads run all green threads: the
 * calling one and others that it starts, at most workers + 1. Any worker may
 * run any green thread, and another one after each call here: so a
 * thread-local variable, errno too, is the worker's, and may be another one
 * behind a call. While a green thread waits in a call of this header, its
 * worker runs others; only the thread that calls waits. No worker sleeps while
 * a green thread can run that no other worker runs: so `workers` of them run at
 * a time. A worker without anything to run sleeps: no polling, no timers but those
 * of green_sleep.
 *
 * Where. All calls but green_run, chan_new and chan_free are for green threads
 * alone. One green_run at a time; another may follow. A green thread holds no
 * mutex of its own over a call here.
 *
 * Stacks. A green thread has a stack with at least 16 KiB for its function,
 * and behind it a page that nobody can touch: who needs more meets a clear
 * crash, and nobody else's memory. 20,000 green threads that exist at once,
 * and have used little of their stacks, take less than 200 MiB together; a
 * guard takes two of the 65,530 mappings of a process, so 100,000 are more
 * than Linux allows by default: who can have no guard is not started. The stack
 * of one that has ended serves the next one, or goes back, joined or not.
 *
 * Fairness. With one worker, all that could run when a thread yields have a
 * turn before it goes on. With any number, none that can run is left out for
 * ever because others yield, or hand values to each other; this includes those
 * whose sleep is over or whose descriptor is ready: they run before any other
 * thread has had 1,000 turns more.
 *
 * Locks. No lock of the library's is held while the function of a green thread
 * runs.
 *
 * Switches. To the thread that makes it, a call here is a call like any other:
 * behind it the registers that a function has to keep are as they were, and so
 * are the control words of the floating-point units. The tools that watch a
 * program have to be told when it changes the stack under them: switch_notes.h
 * says how. */
#ifndef GREEN_H
#define GREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct green; /* A green thread that has not been joined. */
struct chan;  /* A bounded queue of numbers. */

/* Runs first(arg) as the first green thread, and returns 0 when all have
 * ended. Nothing is left then: no thread, descriptor or memory. -EINVAL:
 * `workers` is 0 or more than 64; -ENOMEM, or what pthread_create and the
 * kernel say, negative: nothing has run and nothing is left. */
int green_run(size_t workers, void (*first)(void *), void *arg);

/* Starts run(arg) as another green thread, which sees all that the caller did
 * before. NULL: there is no memory for it, its stack and its guard, and nothing
 * has changed. The handle is there until it is joined; those never joined go
 * with the end of green_run. */
struct green *green_go(void (*run)(void *), void *arg);

/* Returns when that thread has ended, at once if it has ended before; its work
 * is seen then. Each thread is joined by at most one other, once; the handle is
 * gone. */
void green_join(struct green *thread);

/* Lets others run. */
void green_yield(void);

/* Returns when at least so many nanoseconds have passed, on the monotonic
 * clock. However many there are: UINT64_MAX is for ever. */
void green_sleep(uint64_t ns);

/* Like the system calls, on stream sockets in non-blocking mode; the answer
 * is a negative error number in place of -1, and never -EAGAIN or -EINTR. A
 * read waits for at least a byte, and is 0 at the end; a write waits for
 * room, may take less than `size`, and raises no SIGPIPE. green_accept
 * answers a descriptor in non-blocking mode. At a time one thread reads from,
 * or accepts at, a descriptor, and one writes. Descriptors are the caller's: it
 * closes one with close() when nobody is in a call on it, and the same number
 * may come again at once. */
ssize_t green_read(int fd, void *into, size_t size);
ssize_t green_write(int fd, const void *from, size_t size);
int green_accept(int fd);

/* An empty channel for `capacity` numbers. NULL: capacity is 0, or there is no
 * memory for so many. */
struct chan *chan_new(size_t capacity);

/* Sends a number: waits while the channel is full. false: it is closed, and
 * the number is not in it. Calls take effect one at a time (linearizable), and
 * who sends sees to it that its work before is seen by who receives. Who waits
 * is served in the order of coming, before whoever comes later. */
bool chan_send(struct chan *c, uint64_t number);

/* Receives the oldest number into *number: waits while there is none. false:
 * the channel is closed and empty, and *number as it was. */
bool chan_receive(struct chan *c, uint64_t *number);

/* No more sends. What is inside can still be received; all who wait in vain are
 * told. A second close changes nothing. */
void chan_close(struct chan *c);

/* Gives it back, with what is inside. Nobody is in a call on it. NULL is fine. */
void chan_free(struct chan *c);

#endif
