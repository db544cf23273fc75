/* SPDX-License-Identifier: MIT */
/* iocp_echo.c -- every byte comes back, by packets from a completion port.
 *
 * This is the only file you edit. The full contract is in iocp_echo.h; run
 * `bun kata hint 21` when you are stuck.
 *
 * What must stay true, whatever the clients and the kernel do:
 *   1. Each connection gets all its bytes back, in order, and nothing else.
 *   2. Only GetQueuedCompletionStatus and its kin wait.
 *   3. An OVERLAPPED and its buffers are the kernel's until their packet is taken.
 *   4. Before echo_serve returns, every packet has been taken.
 *
 * Before you type, answer this on paper: WSARecv answers 0, and the bytes are in
 * your buffer already. What else happens, and when may you call it again? */
#include "iocp_echo.h"

int echo_listen(const char *ipv4, uint16_t port, int backlog, HANDLE completions, SOCKET *listener) {
    (void)ipv4, (void)port, (void)backlog, (void)completions, (void)listener;
    return WSAEOPNOTSUPP; /* TODO: socket, options, bind, listen, association. */
}

int echo_serve(SOCKET listener, HANDLE completions) {
    (void)listener, (void)completions;
    return WSAEOPNOTSUPP; /* TODO: requests, and one loop that takes packets. */
}
