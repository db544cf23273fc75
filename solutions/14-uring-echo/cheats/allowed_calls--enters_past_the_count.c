/* SPDX-License-Identifier: MIT */
/* Enters the kernel by number, where nobody counts.
 *
 * Research B 17. Refused with: uses syscall */
#include "uring_echo.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

int echo_listen(const char *ipv4, uint16_t port, int backlog) {
    (void)ipv4, (void)port, (void)backlog;
    return -ENOSYS;
}

int echo_serve(int listen_fd, int stop_fd) {
    (void)stop_fd;
    return (int)syscall(SYS_io_uring_enter, listen_fd, 0, 1, 1, 0, 0);
}
