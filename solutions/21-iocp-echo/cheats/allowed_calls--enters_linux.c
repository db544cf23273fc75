/* SPDX-License-Identifier: MIT */
/* Enters Linux by number, where no port is.
 *
 * Research B 17. Refused with: uses syscall */
#include "iocp_echo.h"

#include <unistd.h>

int echo_listen(const char *ipv4, uint16_t port, int backlog, HANDLE completions, SOCKET *listener) {
    (void)ipv4, (void)port, (void)backlog, (void)completions, (void)listener;
    return WSAEOPNOTSUPP;
}

int echo_serve(SOCKET listener, HANDLE completions) {
    (void)completions;
    return (int)syscall(0, listener, 0, 0);
}
