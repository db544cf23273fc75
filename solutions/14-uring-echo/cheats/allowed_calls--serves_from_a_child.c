/* SPDX-License-Identifier: MIT */
/* Lets a child serve, whose calls and whose memory nobody counts.
 *
 * Research B 17. Refused with: uses fork */
#include "uring_echo.h"

#include <errno.h>
#include <unistd.h>

int echo_listen(const char *ipv4, uint16_t port, int backlog) {
    (void)ipv4, (void)port, (void)backlog;
    return -ENOSYS;
}

int echo_serve(int listen_fd, int stop_fd) {
    (void)listen_fd, (void)stop_fd;
    if (fork() == 0) return 0;
    return -ENOSYS;
}
