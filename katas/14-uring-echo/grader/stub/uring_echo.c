/* SPDX-License-Identifier: MIT */
/* uring_echo.c -- every byte comes back, by completions.
 *
 * This is the only file you edit. The full contract is in uring_echo.h; run
 * `bun kata hint 14` when you are stuck.
 *
 * What must stay true, whatever the clients and the kernel do:
 *   1. Each connection gets all its bytes back, in order, and nothing else.
 *   2. Only io_uring_enter waits.
 *   3. What an operation was given is the kernel's until its last completion.
 *   4. Before echo_serve returns, every operation has completed.
 *
 * Before you type, answer this on paper: at the stop, a receive waits on every
 * connection. Who owns its buffer then, and what gives it back to you? */
#include "uring_echo.h"

#include <errno.h>
#include <liburing.h>
#include <unistd.h>

int echo_listen(const char *ipv4, uint16_t port, int backlog) {
    (void)ipv4, (void)port, (void)backlog;
    return -ENOSYS; /* TODO: socket, options, bind, listen. */
}

int echo_serve(int listen_fd, int stop_fd) {
    (void)listen_fd, (void)stop_fd;
    return -ENOSYS; /* TODO: a ring, and one loop: submit, wait, take completions. */
}
