/* SPDX-License-Identifier: MIT */
/* mux.h -- one readiness interface over select, poll and epoll.
 *
 * A mux has watches: a descriptor, the events that are asked for, and a callback.
 * mux_wait() sleeps until a watch is ready, and calls back for all that are. The
 * three kinds differ in what a wait costs, and in nothing else that a caller could
 * see, except that select takes no descriptor from FD_SETSIZE (1,024) on.
 *
 * Events are what all three can tell alike. They are states: what is ready is told
 * by each wait anew (level-triggered).
 *
 *   MUX_IN   a read would not wait: there are bytes, the end, a hangup or an error
 *   MUX_OUT  a write would not wait: there is room, or an error
 *
 * In the words of poll, POLLIN, POLLHUP and POLLERR are MUX_IN; POLLOUT and POLLERR
 * are MUX_OUT. Nothing is told that was not asked for. A watch that asks for no
 * events (0) rests: it is told nothing, not even a hangup or an error, and no wait
 * ends earlier for its sake. A Unix socket that is full and was shut down hangs up
 * without room: a watch for MUX_OUT alone is told nothing of that, and a wait may end
 * early for it, with 0, or sleep on to the end of its time. What is open for reading only is not watched for
 * MUX_OUT, and what is open for writing only not for MUX_IN.
 *
 * Waits. The kernel is asked which watches are ready. None: the wait sleeps on.
 * Else these are its list, and each watch on it gets one callback, in any order,
 * with all events that it asked for and is ready for. However many are ready, one
 * wait tells of all. A mux that has watches asks by the calls of its kind, and waits by
 * no other: select or pselect; poll or ppoll; epoll_wait or epoll_pwait.
 *
 * Callbacks may add, modify and delete watches of their mux, their own too, and
 * close and open descriptors. The list does not grow by that:
 *
 *   - A watch that is deleted is told nothing from then on, though it is on the
 *     list. If its number is added again, closed and opened in between or not, that
 *     is another watch, which the next wait is the first to tell.
 *   - A watch that is modified before its turn is told those of its events on the
 *     list that it asks for when its turn comes; if none is left, nothing.
 *   - What became ready after the kernel was asked, or is ready no longer, changes
 *     nothing.
 *
 * A callback calls neither mux_wait nor mux_free of its own mux. Other muxes it may
 * use in every way.
 *
 * Descriptors are the caller's. A mux neither reads, changes nor closes them. The
 * caller deletes a watch before it closes the descriptor. Several muxes may watch
 * the same one. What a mux opens for itself is closed on exec.
 *
 * Threads. One thread at a time uses a mux. Different muxes share nothing.
 *
 * Cost, with n watches, r of them on the list, and h the highest watched number:
 * a wait takes O(h) steps of your own code with select, O(n) with poll, O(r) with
 * epoll. The kernel is asked for no more than that: select with at most h + 1, poll
 * with at most n entries; epoll by one epoll_wait for each list, and a wait calls
 * no epoll_ctl. What was deleted costs nothing any more. mux_add, mux_mod and
 * mux_del take amortized O(1) steps with each kind; to add a number higher than all
 * before may cost O(h).
 *
 * Memory. Only mux_new and mux_add fail for want of it.
 *
 * Errors are answered as a negative errno, and then nothing has changed. If several
 * fit, any of them will do. */
#ifndef MUX_H
#define MUX_H

enum mux_kind { MUX_SELECT, MUX_POLL, MUX_EPOLL };

enum { MUX_IN = 1, MUX_OUT = 2 };

struct mux;

/* `events`: those that are told, never 0. `context`: as mux_add had it. */
typedef void mux_callback(struct mux *mux, int fd, unsigned events, void *context);

/* A mux without watches; or NULL with errno: EINVAL for no such kind, ENOMEM, or what
 * epoll_create1 says. After NULL nothing is kept. */
struct mux *mux_new(enum mux_kind kind);

/* Watches `fd` for `events`: 0, MUX_IN, MUX_OUT or both. 0, or:
 *
 *   -EINVAL  other events, or no callback
 *   -ERANGE  select: `fd` is FD_SETSIZE or higher
 *   -EBADF   `fd` is not open; each kind says so here, and not in a wait
 *   -EEXIST  `fd` is watched already
 *   -ENOMEM  no memory
 *   what epoll_ctl says: -EPERM for files that are always ready, which the other
 *   kinds take; -ENOSPC */
int mux_add(struct mux *mux, int fd, unsigned events, mux_callback *callback, void *context);

/* From now on the watch of `fd` asks for `events`. 0, or -EINVAL: other events;
 * -ENOENT: `fd` is not watched; what epoll_ctl says. */
int mux_mod(struct mux *mux, int fd, unsigned events);

/* Ends the watch of `fd`. 0, or -ENOENT: `fd` is not watched. */
int mux_del(struct mux *mux, int fd);

/* Waits at most `timeout_ms`, and not less while nothing is ready; a negative one is no
 * limit, and 0 does not sleep. A signal ends no wait: it goes on with the time that
 * is left, and setting the time of day moves nothing. Without watches it sleeps all the same. The number of callbacks
 * made; 0: the time is up. */
int mux_wait(struct mux *mux, int timeout_ms);

/* Gives everything back; what was watched stays open. NULL does nothing. */
void mux_free(struct mux *mux);

#endif
