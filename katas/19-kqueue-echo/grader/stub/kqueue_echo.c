/* SPDX-License-Identifier: MIT */
/* kqueue_echo.c -- every byte back, for ten thousand clients, in one thread.
 *
 * This is the only file you edit. The full contract is in kqueue_echo.h; run
 * `bun kata hint 19` when you are stuck.
 *
 * What must stay true, whatever the clients do:
 *   1. Each client gets back all its bytes, in order, then the end.
 *   2. Only kevent waits. One quiet client never holds up the others.
 *   3. An event of a connection that is closed meanwhile harms nobody.
 *
 * Before you type, answer this on paper: a client has sent its last bytes and
 * half-closed. kevent says EVFILT_READ, data 100, EV_EOF. What is over, and what
 * is not? */
#include "kqueue_echo.h"

#include <errno.h>
#include <stddef.h>

int echo_listen(const char *ipv4, uint16_t port, int backlog) {
    (void)ipv4, (void)port, (void)backlog;
    return -ENOSYS; /* TODO: a socket that listens, or the reason why not. */
}

/* Two filters may speak of one connection. What do you have to remember about it between two events? */
int echo_serve(int listen_fd, int stop_fd) {
    (void)listen_fd, (void)stop_fd;
    return -ENOSYS; /* TODO: wait for events until stop_fd is readable; serve rules 1 to 3. */
}
