/* SPDX-License-Identifier: MIT */
/* epoll_echo.c -- every byte back, for ten thousand clients, in one thread.
 *
 * This is the only file you edit. The full contract is in epoll_echo.h; run
 * `bun kata hint 03` when you are stuck.
 *
 * What must stay true, whatever the clients do:
 *   1. Each client gets back all its bytes, in order, then the end.
 *   2. Only epoll_wait waits. One quiet client never holds up the others.
 *   3. Whatever the kernel has told once, it need not tell again.
 *
 * Before you type, answer this on paper: epoll says that a connection is
 * readable, 100 bytes are there, and you read 60 of them. With EPOLLET, what
 * will epoll_wait say next, and when? */
#include "epoll_echo.h"

#include <errno.h>
#include <stddef.h>

int echo_listen(const char *ipv4, uint16_t port, int backlog) {
    (void)ipv4, (void)port, (void)backlog;
    return -ENOSYS; /* TODO: a socket that listens, or the reason why not. */
}

/* What do you have to remember about a connection between two events? */
int echo_serve(int listen_fd, int stop_fd) {
    (void)listen_fd, (void)stop_fd;
    return -ENOSYS; /* TODO: wait for events until stop_fd is readable; serve rules 1 to 3. */
}
