/* SPDX-License-Identifier: MIT */
/* network_calls.c -- the learner's system calls, counted: in the stress build
 * read() arrives here as kernel_read(), and so on (kata.ts, `intercepted`).
 * Each does what its namesake does. */
#include "network.h"

#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pace.h"

static struct counted before_mapping, *counted = &before_mapping;

void network_count_into(struct counted *shared) {
    counted = shared;
}

/* Relaxed: the servers with threads count too, and nothing hangs on the order. */
void network_count(enum call_kind kind) {
    atomic_fetch_add_explicit(&counted->calls[kind], 1, memory_order_relaxed);
}

ssize_t kernel_read(int fd, void *to, size_t size) {
    network_count(CALLS_DATA);
    return read(fd, to, size);
}

ssize_t kernel_write(int fd, const void *from, size_t size) {
    if (fd != STDOUT_FILENO && fd != STDERR_FILENO) network_count(CALLS_DATA);
    return write(fd, from, size);
}

ssize_t kernel_readv(int fd, const struct iovec *parts, int count) {
    network_count(CALLS_DATA);
    return readv(fd, parts, count);
}

ssize_t kernel_writev(int fd, const struct iovec *parts, int count) {
    network_count(CALLS_DATA);
    return writev(fd, parts, count);
}

ssize_t kernel_recv(int fd, void *to, size_t size, int flags) {
    network_count(CALLS_DATA);
    return recv(fd, to, size, flags);
}

ssize_t kernel_send(int fd, const void *from, size_t size, int flags) {
    network_count(CALLS_DATA);
    return send(fd, from, size, flags);
}

ssize_t kernel_splice(int in, off64_t *in_at, int out, off64_t *out_at, size_t size, unsigned flags) {
    network_count(CALLS_DATA);
    return splice(in, in_at, out, out_at, size, flags);
}

void network_waits(void) {
    network_count(CALLS_WAIT);
    atomic_store_explicit(&counted->steps, pace_steps(), memory_order_relaxed);
}

int kernel_epoll_wait(int epoll, struct epoll_event *events, int most, int timeout_ms) {
    network_waits();
    return epoll_wait(epoll, events, most, timeout_ms);
}

int kernel_epoll_pwait(int epoll, struct epoll_event *events, int most, int timeout_ms, const sigset_t *mask) {
    network_waits();
    return epoll_pwait(epoll, events, most, timeout_ms, mask);
}

int kernel_poll(struct pollfd *watched, nfds_t count, int timeout_ms) {
    network_count(CALLS_WAIT);
    return poll(watched, count, timeout_ms);
}

int kernel_epoll_ctl(int epoll, int how, int fd, struct epoll_event *event) {
    network_count(CALLS_OTHER);
    return epoll_ctl(epoll, how, fd, event);
}

int kernel_accept(int fd, struct sockaddr *from, socklen_t *size) {
    network_count(CALLS_OTHER);
    return accept(fd, from, size);
}

int kernel_accept4(int fd, struct sockaddr *from, socklen_t *size, int flags) {
    network_count(CALLS_OTHER);
    return accept4(fd, from, size, flags);
}

int kernel_close(int fd) {
    network_count(CALLS_OTHER);
    return close(fd);
}

int kernel_shutdown(int fd, int how) {
    network_count(CALLS_OTHER);
    return shutdown(fd, how);
}

int kernel_setsockopt(int fd, int level, int option, const void *value, socklen_t size) {
    network_count(CALLS_OTHER);
    return setsockopt(fd, level, option, value, size);
}

int kernel_getsockopt(int fd, int level, int option, void *value, socklen_t *size) {
    network_count(CALLS_OTHER);
    return getsockopt(fd, level, option, value, size);
}

int kernel_pipe2(int ends[2], int flags) {
    network_count(CALLS_OTHER);
    return pipe2(ends, flags);
}

int kernel_pipe(int ends[2]) {
    return kernel_pipe2(ends, 0);
}

/* The third argument is an int, a pointer or absent: a long holds each. */
int kernel_fcntl(int fd, int command, ...) {
    va_list rest;
    va_start(rest, command);
    long argument = va_arg(rest, long);
    va_end(rest);
    network_count(CALLS_OTHER);
    return fcntl(fd, command, argument);
}

int kernel_ioctl(int fd, unsigned long request, ...) {
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    network_count(CALLS_OTHER);
    return ioctl(fd, request, argument);
}

int kernel_timerfd_settime(int fd, int flags, const struct itimerspec *to, struct itimerspec *old) {
    network_count(CALLS_OTHER);
    return timerfd_settime(fd, flags, to, old);
}
