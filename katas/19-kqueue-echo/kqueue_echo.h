/* SPDX-License-Identifier: MIT */
/* kqueue_echo.h -- a TCP server that sends every byte back, for ten thousand
 * connections at once, in one thread, on kqueue. It is the contract of kata 03;
 * what is kqueue's own stands under Waiting.
 *
 * Threads. echo_serve runs on its caller's thread and starts no thread or
 * process. Several calls may run in one process, each with a listener of its
 * own; they share nothing.
 *
 * Waiting. kevent is the only call that may wait. How the others are kept from
 * waiting (O_NONBLOCK, MSG_DONTWAIT) is free, and so is how things are watched:
 * level-triggered, EV_CLEAR, EV_DISPATCH, EV_ONESHOT; by EVFILT_READ,
 * EVFILT_WRITE, EVFILT_TIMER and EVFILT_USER. <sys/event.h> is ours where the
 * system has none. In particular:
 *   An entry is known by its number and filter. The two filters of a connection
 *   are two entries, and a batch may hold an event of each, in either order.
 *   EV_ADD of an entry that is there gives it the new udata, fflags and data, runs
 *   its filter on the present state, and enables it (unless EV_DISABLE is there
 *   too). It must not change EV_CLEAR, EV_ONESHOT or EV_DISPATCH: systems differ in
 *   what becomes of these. EV_DELETE the entry first.
 *   close deletes both filters of a descriptor, and their events that are not
 *   reported yet; those that are reported already stay in your array. EV_DELETE of
 *   what is not there answers ENOENT or EBADF.
 *   A change that fails is an event with EV_ERROR and the errno in `data`, also
 *   among others; without room for events kevent answers -1, and the changes behind
 *   it are not made. With EINTR all changes are made.
 *   EV_EOF says that the client has ended, or that the connection is broken; bytes
 *   may be left to read (`data`). With EV_CLEAR it is reported once, as bytes are.
 *   EVFILT_WRITE with EV_CLEAR may report room again and again, also where the send
 *   buffer was never full: whenever the client acknowledges.
 *
 * Cost. A quiet connection takes one descriptor and at most 72 KiB of resident
 * memory. While there is nothing to do, the server makes at most 400 system
 * calls a second and uses at most a tenth of a CPU. A message of 64 bytes costs
 * at most 7 system calls in all, one of 16 KiB at most 40; and it costs as much
 * beside ten thousand quiet connections as beside ten (in steps: basic blocks
 * that are executed).
 *
 * Bytes. Each connection gets back every byte that it has sent, in order, and
 * does not have to send more for that: while there is room in the send buffer,
 * the server does not keep bytes that it has read, and does not let the kernel
 * keep them back (MSG_MORE, TCP_CORK; SO_RCVLOWAT and NOTE_LOWAT for those that it
 * has not read). No client sends urgent data. A client that half-closes
 * (shutdown(SHUT_WR)) gets the rest, however much of it is still unread at that
 * moment, then the end of the stream, not a reset; then its descriptor is
 * closed. The server closes a connection for no other reason than its end, an
 * error of that connection, the stop, or want of memory (see Errors); never
 * because it was quiet, or slow, for a long time.
 *
 * Other clients. No client harms another one: not by resetting its connection,
 * by reading slowly or never, or by sending without pause.
 *   Memory: the server holds at most 64 KiB of a connection's bytes in user
 *   space; it does not read from a connection that does not take its bytes back.
 *   What the kernel holds (socket buffers) does not count.
 *   Turns: after at most 256 KiB or 64 calls that read or write on one
 *   connection, whichever is later, the others that are ready get their turn.
 *
 * Descriptors. 0 is a descriptor like any other. Every descriptor that the two
 * functions make is closed on exec (FD_CLOEXEC), except the kqueue itself, which no
 * child inherits. A flag of the call (SOCK_CLOEXEC) and fcntl right after the call
 * are both right.
 *
 * Errors. EINTR from any call means: again. SIGPIPE does not end the process,
 * also when a client half-closes, and then resets before its bytes are sent
 * back; MSG_NOSIGNAL and ignoring the signal are both right. Of the errors of
 * accept,
 *   some concern one client, which is gone: ECONNABORTED, EPERM, and errors of
 *   the network that accept(2) of Linux lists (EPROTO, ENETDOWN, ENOPROTOOPT,
 *   EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH, ETIMEDOUT). The
 *   clients that wait behind it are accepted within 250 ms;
 *   some mean that there is no descriptor or kernel memory left: EMFILE,
 *   ENFILE, ENOBUFS, ENOMEM. The connections that are there are served on, and
 *   the call is not repeated all the time (a timer of 10 ms or more is fine).
 *   Once a descriptor is free, whoever had it, waiting clients are accepted
 *   within 250 ms. No client is accepted only to be closed.
 * If there is no memory for a connection, or none in the kernel to watch it (ENOMEM
 * for either filter), that one may be closed, and nothing else. */
#ifndef KQUEUE_ECHO_H
#define KQUEUE_ECHO_H

#include <stdint.h>

/* Makes a listening TCP socket: non-blocking, with SO_REUSEADDR, bound to `ipv4`
 * ("127.0.0.1", "0.0.0.0") and `port`; port 0 lets the kernel choose one.
 * `backlog` is listen()'s. Answers its descriptor, which belongs to the caller,
 * or -errno of the call that failed; then no descriptor is left open. -EINVAL:
 * `ipv4` is NULL, or not four numbers with dots between them. -EADDRINUSE:
 * another socket listens there; a port is not shared (no SO_REUSEPORT). */
int echo_listen(const char *ipv4, uint16_t port, int backlog);

/* Serves the connections of `listen_fd`, a descriptor from echo_listen, until
 * `stop_fd` (a pipe, a socket, an eventfd) is readable; it may be so from the
 * beginning, or become so while every connection is busy. A pipe or a socket
 * whose other end was closed counts as readable, whether or not anything was
 * written to it. The function only watches `stop_fd` and never reads from it.
 * Both descriptors belong to the caller: they stay open, and as they are. At
 * the stop every connection is closed, whatever is still owed to it.
 *
 * Answers 0 after a stop, or -errno if serving could not begin or go on. In
 * both cases it has closed every descriptor that it opened and freed all memory
 * that it took, each once. It may be called again, on the same listener. */
int echo_serve(int listen_fd, int stop_fd);

#endif
