/* SPDX-License-Identifier: MIT */
/* epoll_echo.h -- a TCP server that sends every byte back, for ten thousand
 * connections at once, in one thread.
 *
 * Threads. echo_serve runs on its caller's thread and starts no thread or
 * process. Several may run in one process, each with a listener of its own;
 * they share nothing.
 *
 * Waiting. The only call that may wait is epoll_wait. How the others are kept
 * from waiting (O_NONBLOCK, MSG_DONTWAIT, SPLICE_F_NONBLOCK) is free. Every
 * connection is watched edge-triggered (EPOLLET); the listener and whatever
 * else is watched may be level- or edge-triggered.
 *
 * Cost. A quiet connection takes one descriptor and at most 72 KiB of resident
 * memory. With nothing to do, at most 400 system calls a second are made, and
 * a tenth of a CPU is used. A message of 64 bytes costs at most 7 system calls
 * in all, one of 16 KiB at most 40; and it costs as much beside ten thousand
 * quiet connections as beside ten (in steps: basic blocks that are executed).
 *
 * Bytes. Each connection gets back every byte that it has sent, in order,
 * without having to wait for more of its own: while there is room to send, the
 * server does not wait with bytes that it has read, nor lets the kernel do so
 * (MSG_MORE, TCP_CORK; SO_RCVLOWAT for those that it has not read). No client
 * sends urgent data. A client that half-closes (shutdown(SHUT_WR)) gets the rest,
 * however much is still unread at that moment, then the end of the stream, not a
 * reset; then its descriptor is closed. A connection is closed for no other reason
 * than its end, an error of its own, the stop, or want of memory (below); for
 * none because of the time that it is quiet, or slow.
 *
 * Others. No client harms another: not by resetting its connection, by reading
 * slowly or never, or by sending without pause.
 *   Memory: at most 64 KiB of a connection's bytes are held in user space;
 *   whoever does not read is not read from. What the kernel holds (socket
 *   buffers, pipes) does not count.
 *   Turns: at most 256 KiB or 64 calls that read or write on one connection,
 *   whichever is later, before others that are ready get their turn.
 *
 * Errors. EINTR anywhere means: again. ECONNABORTED is not an error of the
 * server's. 0 is a descriptor like any other. SIGPIPE does not end the process,
 * also where a client half-closes, and resets before its bytes are sent back;
 * whether by MSG_NOSIGNAL (which splice has not) or by ignoring the signal is
 * free. Out of descriptors or kernel memory in accept (EMFILE, ENFILE, ENOBUFS,
 * ENOMEM): the connections that are there are served on, the call is not
 * repeated all the time (a timer of 10 ms or more is fine), and once a
 * descriptor is free, whoever had it, waiting clients are accepted within 250
 * ms. None is accepted only to be closed. Out of memory for one connection, or
 * of room to watch it (epoll_ctl: ENOMEM, ENOSPC): that one may be closed, and
 * nothing else. */
#ifndef EPOLL_ECHO_H
#define EPOLL_ECHO_H

#include <stdint.h>

/* A listening TCP socket, non-blocking, with SO_REUSEADDR, bound to `ipv4`
 * ("127.0.0.1", "0.0.0.0") and `port`; port 0 lets the kernel choose one.
 * `backlog` is listen()'s. The answer is its descriptor, which belongs to the
 * caller, or -errno; then no descriptor is left open. -EINVAL: `ipv4` is not
 * four numbers with dots between, or NULL. -EADDRINUSE: another socket listens
 * there; a port is not shared (SO_REUSEPORT). */
int echo_listen(const char *ipv4, uint16_t port, int backlog);

/* Serves connections of `listen_fd`, a descriptor from echo_listen, until
 * `stop_fd` (an eventfd, a pipe, a socket) is readable; it may be from the
 * beginning, and while everybody is busy. A pipe or a socket whose other end was
 * closed counts as readable, whether or not anything was written to it. `stop_fd` is only watched, never
 * read from. It may be called again, on the same listener. Both stay open and
 * as they are: the caller's. At the stop every connection is closed, whatever it is owed.
 *
 * The answer is 0 after a stop, or -errno if serving could not begin or go
 * on. Either way every descriptor opened and all memory taken since the call
 * are given back, each once. */
int echo_serve(int listen_fd, int stop_fd);

#endif
