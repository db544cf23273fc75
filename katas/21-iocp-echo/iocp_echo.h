/* SPDX-License-Identifier: MIT */
/* iocp_echo.h -- a TCP server that sends every byte back, on an I/O completion
 * port: the server asks for completions, as with io_uring, and Windows tells of
 * them in packets.
 *
 * Threads. echo_serve runs on its caller's thread and starts no thread or
 * process. Several calls may run in one process, each with a listener and a
 * port of its own; they share nothing.
 *
 * Waiting. GetQueuedCompletionStatus and GetQueuedCompletionStatusEx are the
 * only calls that may wait. Bytes and connections move by overlapped requests
 * alone: AcceptEx (without a first receive: dwReceiveDataLength is 0, or a client
 * that says nothing would not be accepted), WSARecv and WSASend.
 *
 * Packets. A request that succeeds has a packet, also when its call has answered
 * success at once, unless SetFileCompletionNotificationModes has asked for none
 * then. One whose call answers an error but WSA_IO_PENDING has none. A packet may
 * tell of an error. Receives of one socket fill their buffers in the order of their
 * calls; packets come in any order, those of one socket too, and also when the socket
 * was closed or the request was cancelled: then as late as others. A receive may bring fewer bytes than there is room
 * for; a send that succeeds has sent everything. CancelIoEx and closesocket end what is under way
 * (ERROR_OPERATION_ABORTED, or another error), but a request may complete first.
 *
 * Memory. The OVERLAPPED of a request, its buffers and AcceptEx's room for
 * addresses are the kernel's from the call until the packet has been taken from
 * the port, or until the call has answered in a way that no packet follows. Until
 * then they are not written, not freed, and given to no other request (but two
 * sends may share bytes). The array of WSABUFs is yours once the call returns. An
 * OVERLAPPED is all 0 when its request begins; AcceptEx's room has 16 bytes more than
 * a struct sockaddr_in for each of its two addresses.
 *
 * Cost. While there is nothing to do, the server makes hardly any call: fewer
 * than 250, and one for each millisecond that passes. A message of up to 64 bytes
 * of a client that waits for each answer costs at most 3 packets and 6 calls, on
 * the average of 20 clients; of a client that sends without pause, a KiB costs at
 * most 3 calls.
 *
 * Bytes. Each connection gets back every byte that it has sent, in order, and
 * does not have to send more for that: the server does not keep bytes that it has
 * received. No client sends urgent data. A client that half-closes gets the rest,
 * however much of it is still unread at that moment, then the end of the stream,
 * not a reset; then its socket is closed. A socket is closed only when all that
 * was to be sent has been sent: closing ends a send. The server closes a
 * connection for no other reason than its end, an error of that connection, the
 * stop, or want of memory (see Errors); never because it was quiet, or slow, for a
 * long time.
 *
 * Other clients. No client harms another one: not by resetting its connection,
 * by reading slowly or never, or by sending without pause.
 *   Memory: the server holds at most 64 KiB of a connection's bytes in user
 *   space, those of sends under way included.
 *   Turns: after at most 256 KiB or 64 requests on one connection, whichever is
 *   later, the others that are ready get their turn.
 *
 * Sockets. Each is made with WSA_FLAG_NO_HANDLE_INHERIT, or SetHandleInformation
 * is called for it right after, so that no child inherits it. A socket belongs to
 * one port as long as it lives. An accepted one has SO_UPDATE_ACCEPT_CONTEXT to be
 * set before shutdown and setsockopt know it.
 *
 * Errors. A packet of AcceptEx with ERROR_NETNAME_DELETED, or another error that
 * the network has, is about one client, which is gone: those that wait behind it
 * are accepted within 250 ms. WSAEMFILE, WSAENOBUFS or ERROR_NO_SYSTEM_RESOURCES
 * means that there is no handle or memory left: the connections that are there are
 * served on, and what failed is not repeated all the time (every 10 ms or more is
 * fine). Once there is a handle again, whoever had it, waiting clients are
 * accepted within 250 ms. No client is accepted only to be closed. If there is no
 * memory for a connection, or none in the kernel for its association or for a
 * request of its own, that one may be closed, and nothing else. */
#ifndef IOCP_ECHO_H
#define IOCP_ECHO_H

#include <winsock2.h>

#include <mswsock.h>
#include <stdint.h>

/* The key of the packet that stops a server. It has no OVERLAPPED. */
#define ECHO_STOP ((ULONG_PTR)0x53746f70)

/* Makes a listening TCP socket: overlapped, with SO_EXCLUSIVEADDRUSE and not
 * SO_REUSEADDR (on Windows that lets another program take the port over), bound to
 * `ipv4` ("127.0.0.1", "0.0.0.0") and `port`; port 0 lets the system choose one.
 * `backlog` is listen()'s. It is associated with the port `completions`, with a key
 * that is not ECHO_STOP. WSAStartup has been called. Answers 0, and the caller's
 * socket in `*listener`; or the error of the call that failed (WSAGetLastError),
 * and then no socket is left open and `*listener` is as it was. WSAEINVAL: `ipv4` is
 * NULL, or not four numbers with dots between them. WSAEADDRINUSE: another socket
 * listens there. */
int echo_listen(const char *ipv4, uint16_t port, int backlog, HANDLE completions, SOCKET *listener);

/* Serves the connections of `listener`, a socket from echo_listen, on the port that
 * it was associated with, until a packet with the key ECHO_STOP comes; it may be
 * there from the beginning, or come while every connection is busy. Nobody else
 * takes packets from that port meanwhile. Both handles belong to the caller: they
 * stay open, and as they are. At the stop every connection is closed, whatever is
 * still owed to it.
 *
 * Answers 0 after a stop, or the error of a call without which it could not begin
 * or go on. In both cases no request is under way and every packet has been taken
 * from the port (after an error, one with ECHO_STOP may be left), the sockets of
 * connections that were accepted meanwhile are closed; it has closed every handle that it opened and freed
 * all memory that it took, each once. It may be called again, with the same listener
 * and port. (If the port itself cannot be waited on, which is its owner's mistake, it
 * answers that error, and no more is promised.) */
int echo_serve(SOCKET listener, HANDLE completions);

#endif
