/* SPDX-License-Identifier: MIT */
/* Lets a child serve, whose calls and whose memory nobody counts.
 *
 * Research B 17. Refused with: uses fork */
#include "iocp_echo.h"

#include <unistd.h>

int echo_listen(const char *ipv4, uint16_t port, int backlog, HANDLE completions, SOCKET *listener) {
    (void)ipv4, (void)port, (void)backlog, (void)completions, (void)listener;
    return WSAEOPNOTSUPP;
}

int echo_serve(SOCKET listener, HANDLE completions) {
    (void)listener, (void)completions;
    return fork() == 0 ? 0 : WSAEOPNOTSUPP;
}
