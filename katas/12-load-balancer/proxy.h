/* SPDX-License-Identifier: MIT */
/* proxy.h -- a TCP proxy around a balancer: each client is joined with a backend, and what one
 * of the two sends, the other gets.
 *
 * Threads. proxy_serve runs on its caller's thread and starts no thread or process. Several calls
 * may run in one process, each with a listener of its own; they may share a balancer, and nothing else.
 *
 * Waiting. epoll_wait is the only call that may wait; connect does not. Watches may be level- or
 * edge-triggered.
 *
 * Backends. For each client that it accepts the proxy asks lb_pick, with the 4 bytes of the client's
 * IPv4 address (its sin_addr) as `client`, and connects to backends[what it answers], without waiting for the
 * client's first byte. A connect that fails is over; so is one that nobody has answered for connect_timeout_ms,
 * not sooner, and at most 250 ms later. Then its socket is closed, and lb_pick is asked again: until a connection is
 * made, or lb_pick answers -1. If it does, the client is reset. With a backend that has answered, a client stays; if
 * the connection fails before a byte of it was read or written, it may count as a connect that failed.
 *
 * Bytes. Each side gets every byte that the other one has sent, in order, and does not have to send
 * more for that: while there is room in its send buffer the proxy does not keep bytes that it has read, nor
 * let the kernel keep them back (MSG_MORE, TCP_CORK). What a client sends before its backend has answered, the one gets
 * with which it is joined in the end. Nobody sends urgent data.
 *
 * Ends. When one side has ended its stream (shutdown(SHUT_WR), close) and all its bytes are passed on, the
 * proxy ends the other one's stream as well: shutdown(SHUT_WR), not sooner. The other direction goes on. When both have
 * ended, and all is passed on, both descriptors are closed, and nobody is reset.
 *
 * Failures. When one side's connection fails (a reset, an error of the network) before both have ended, the other side
 * is reset: SO_LINGER with 0 seconds, then close. If it is the backend that has failed, the client gets before whatever
 * the backend had sent: what the proxy has read, and what can still be read after a reset. If the client does not take
 * that, the proxy waits for it. A reset may overtake what is still in a send buffer; that is TCP's way. Of a client
 * that has failed nothing more need be passed on. A failure that comes after its side's end, and that the proxy has not
 * seen when the other one ends, too, it need not see. Bytes for a side that has failed are dropped. While a backend has
 * not answered, its client may fail, too: the socket is closed at the latest when the connect is over.
 *
 * The balancer. lb_done is called once for each pick that was a backend: `failed` if the connect failed or was over
 * by its time, or if that backend's connection failed before both sides had ended; else not, whatever the client has
 * done. If both sides have failed, both answers are right. It is called before lb_pick is asked again for that client,
 * and before the proxy waits again after it has closed the backend's socket. The proxy calls lb_pick and lb_done alone.
 *
 * Bounds. In user space the proxy holds at most 64 KiB of what one side has sent: it does not read from a side whose
 * bytes the other one does not take. No pair harms another one: not by being reset, by reading slowly or never, by
 * sending without pause, or by a backend that does not answer. After at most 256 KiB, or 64 calls that read or write on
 * a pair, whichever is later, the others that are ready get their turn. No pair is closed because it was quiet, or
 * slow, for a long time. While there is nothing to do the proxy sleeps.
 *
 * Descriptors. 0 is a descriptor like any other. Every one that the proxy makes is closed on exec (FD_CLOEXEC).
 *
 * Errors. EINTR from any call means: again. SIGPIPE does not end the process. Of the errors of accept,
 *   some concern one client, which is gone: ECONNABORTED, EPERM, and those of the network that
 *   accept(2) lists (EPROTO, ENETDOWN, EHOSTUNREACH, ...). The clients behind it are accepted within 250 ms;
 *   some mean that there is no descriptor or kernel memory left: EMFILE, ENFILE, ENOBUFS, ENOMEM. Those that
 *   are there are served on, the call is not repeated all the time (a timer of 10 ms or more is fine), and once a
 *   descriptor is free, whoever had it, waiting clients are accepted within 250 ms.
 * If there is no descriptor or memory for a pair (socket: EMFILE, ...; epoll_ctl: ENOMEM, ENOSPC), that client may be
 * reset, and nothing else; the backend has not failed. */
#ifndef PROXY_H
#define PROXY_H

#include "balancer.h"

#include <netinet/in.h>

/* Serves the clients of `listen_fd`, a non-blocking socket that listens, until `stop_fd` (an eventfd, a pipe, a socket)
 * is readable; it may be so from the beginning. A pipe or socket whose other end was closed counts as readable. The
 * function only watches `stop_fd`, and never reads from it. At the stop every connection is closed, whatever is
 * still owed to it, and lb_done is called for each pick that is active, not `failed` unless it was that before.
 *
 * `lb`, `backends` (as many as `lb` has) and the two descriptors are the caller's; they stay as they are, and until the
 * function returns. connect_timeout_ms is from 1 to UINT64_MAX.
 *
 * Answers 0 after a stop, or -errno of the call that failed if serving could not begin or go on. In both cases it has
 * closed every descriptor that it opened and freed all memory that it took. It may be called again, on the same
 * listener. */
int proxy_serve(int listen_fd, int stop_fd, struct balancer *lb, const struct sockaddr_in *backends,
                uint64_t connect_timeout_ms);

#endif
