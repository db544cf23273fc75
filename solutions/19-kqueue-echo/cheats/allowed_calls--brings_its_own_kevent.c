/* SPDX-License-Identifier: MIT */
/* Defines kevent itself, over epoll: its waits would be nobody's, and counted as none.
 *
 * Research B 17. Refused with: epoll_wait */
#include "kqueue_echo.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/event.h>

int kevent(int queue, const struct kevent *changes, int count, struct kevent *events, int most,
           const struct timespec *timeout) {
    (void)changes, (void)count, (void)events, (void)most, (void)timeout;
    struct epoll_event event;
    return epoll_wait(queue, &event, 1, -1);
}

int echo_listen(const char *ipv4, uint16_t port, int backlog) {
    (void)ipv4, (void)port, (void)backlog;
    return -ENOSYS;
}

int echo_serve(int listen_fd, int stop_fd) {
    (void)stop_fd;
    return kevent(listen_fd, 0, 0, 0, 0, 0);
}
