/* SPDX-License-Identifier: MIT */
/* uring_echo.h -- a TCP server that sends every byte back, on io_uring: the
 * server asks for completions, and does not wait for readiness.
 *
 * Threads. echo_serve runs on its caller's thread and starts no thread or
 * process. Several calls may run in one process, each with a listener of its
 * own; they share nothing.
 *
 * Waiting. io_uring_enter is the only call that may wait, by whatever name of
 * liburing's. Bytes and connections move through the ring alone: accept, read,
 * recv, write, send and their kin are operations here, and no calls. close,
 * shutdown and setsockopt may be calls.
 *
 * Memory. What an operation was given (a buffer, a ring of buffers) belongs to the
 * kernel from io_uring_enter on until the operation's last completion: until then
 * it is not written, not freed, and given to no other operation. A struct
 * __kernel_timespec is read by the io_uring_enter that submits it.
 *
 * Nothing is lost. At any time
 *   the completion queue may be full: the kernel keeps what does not fit, and
 *   brings it with a later io_uring_enter, which may answer -EBUSY before;
 *   a multishot operation may end: a completion without IORING_CQE_F_MORE is its
 *   last, whatever its result;
 *   a send may be short; a receive may find no buffer (-ENOBUFS);
 *   an operation may complete although it is being cancelled (-ENOENT, -EALREADY
 *   for the one that cancels), and completions come in any order;
 *   io_uring_enter may return before there is a completion.
 * After each of these every byte still comes back, and every client is served.
 *
 * Cost. A quiet connection takes one descriptor and at most 72 KiB of resident
 * memory. With 100 busy connections a message of 64 bytes costs at most 0.5
 * system calls, and one of 16 KiB at most 4; a message costs as much beside two
 * thousand quiet connections as beside ten (in steps: basic blocks that are
 * executed). While there is nothing to do, the server makes at most 400 system
 * calls a second and uses at most a tenth of a CPU.
 *
 * Bytes. Each connection gets back every byte that it has sent, in order, and
 * does not have to send more for that: while there is room in the send buffer,
 * the server does not keep bytes that it has received, and does not let the
 * kernel keep them back (MSG_MORE, TCP_CORK, MSG_WAITALL of a receive,
 * SO_RCVLOWAT). No client sends urgent data. A client that half-closes
 * (shutdown(SHUT_WR)) gets the rest, however much of it is still unread at that
 * moment, then the end of the stream, not a reset; then its descriptor is
 * closed. The server closes a connection for no other reason than its end, an
 * error of that connection, the stop, or want of memory (see Errors); never
 * because it was quiet, or slow, for a long time.
 *
 * Other clients. No client harms another one: not by resetting its connection,
 * by reading slowly or never, or by sending without pause.
 *   Memory: the server holds at most 64 KiB of a connection's bytes in user
 *   space, those that the kernel has put into its buffers included.
 *   Turns: after at most 256 KiB or 64 operations that moved bytes on one
 *   connection, whichever is later, the others that are ready get their turn.
 *
 * Descriptors. 0 is a descriptor like any other. Every descriptor that the two
 * functions make is closed on exec (FD_CLOEXEC); a ring's is so by itself.
 *
 * Errors. EINTR from any call means: again. SIGPIPE does not end the process.
 * Of the errors of accept,
 *   some concern one client, which is gone: ECONNABORTED, EPERM, and errors of
 *   the network that accept(2) lists (EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN,
 *   ENONET, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH, ETIMEDOUT). The clients that
 *   wait behind it are accepted within 250 ms;
 *   some mean that there is no descriptor or kernel memory left: EMFILE,
 *   ENFILE, ENOBUFS, ENOMEM. The connections that are there are served on, and
 *   the operation is not repeated all the time (a timeout of 10 ms or more is
 *   fine). Once a descriptor is free, whoever had it, waiting clients are
 *   accepted within 250 ms. No client is accepted only to be closed.
 * If there is no memory for a connection, that one may be closed, and nothing
 * else. */
#ifndef URING_ECHO_H
#define URING_ECHO_H

#include <stdint.h>

/* Makes a listening TCP socket: non-blocking, with SO_REUSEADDR, bound to `ipv4`
 * ("127.0.0.1", "0.0.0.0") and `port`; port 0 lets the kernel choose one.
 * `backlog` is listen()'s. Answers its descriptor, which belongs to the caller,
 * or -errno of the call that failed; then no descriptor is left open. -EINVAL:
 * `ipv4` is NULL, or not four numbers with dots between them. -EADDRINUSE:
 * another socket listens there; a port is not shared (no SO_REUSEPORT). */
int echo_listen(const char *ipv4, uint16_t port, int backlog);

/* Serves the connections of `listen_fd`, a descriptor from echo_listen, until
 * `stop_fd` (an eventfd, a pipe, a socket) is readable; it may be so from the
 * beginning, or become so while every connection is busy. A pipe or a socket
 * whose other end was closed counts as readable, whether or not anything was
 * written to it. The function only watches `stop_fd` and never reads from it.
 * Both descriptors belong to the caller: they stay open, and as they are. At
 * the stop every connection is closed, whatever is still owed to it.
 *
 * Answers 0 after a stop, or -errno if serving could not begin or go on. In
 * both cases every operation has completed and its last completion was taken
 * from the queue before the ring is closed, and the descriptors of connections
 * that were accepted meanwhile are closed; it has closed every descriptor that
 * it opened, unmapped and freed all memory that it took, each once. It may be
 * called again, on the same listener. */
int echo_serve(int listen_fd, int stop_fd);

#endif
