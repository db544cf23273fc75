/* SPDX-License-Identifier: MIT */
/* asked.c -- the learner's system calls in the stress build, counted: select() arrives
 * here as kernel_select(), and so on (kata.ts, `intercepted`). Each does what its namesake does. */
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "driver.h"
#include "graders_own.h"

static GRADERS_OWN struct asked asked;

void asked_begin(enum mux_kind kind) {
    own_write(&asked, &(struct asked){.kind = kind}, sizeof asked);
}

struct asked asked_end(void) {
    return asked;
}

static void wait_with(enum mux_kind kind, uint64_t entries) {
    own(asked.waits)++;
    if (kind != asked.kind) own(asked.others)++;
    if (entries > asked.entries_most) own(asked.entries_most) = entries;
}

int kernel_select(int highest, fd_set *in, fd_set *out, fd_set *except, struct timeval *timeout);
int kernel_select(int highest, fd_set *in, fd_set *out, fd_set *except, struct timeval *timeout) {
    wait_with(MUX_SELECT, (uint64_t)highest);
    return select(highest, in, out, except, timeout);
}

int kernel_pselect(int highest, fd_set *in, fd_set *out, fd_set *except, const struct timespec *timeout,
                   const sigset_t *mask);
int kernel_pselect(int highest, fd_set *in, fd_set *out, fd_set *except, const struct timespec *timeout,
                   const sigset_t *mask) {
    wait_with(MUX_SELECT, (uint64_t)highest);
    return pselect(highest, in, out, except, timeout, mask);
}

int kernel_poll(struct pollfd *watched, nfds_t count, int timeout_ms);
int kernel_poll(struct pollfd *watched, nfds_t count, int timeout_ms) {
    wait_with(MUX_POLL, count);
    return poll(watched, count, timeout_ms);
}

int kernel_ppoll(struct pollfd *watched, nfds_t count, const struct timespec *timeout, const sigset_t *mask);
int kernel_ppoll(struct pollfd *watched, nfds_t count, const struct timespec *timeout, const sigset_t *mask) {
    wait_with(MUX_POLL, count);
    return ppoll(watched, count, timeout, mask);
}

int kernel_epoll_wait(int epoll, struct epoll_event *events, int most, int timeout_ms);
int kernel_epoll_wait(int epoll, struct epoll_event *events, int most, int timeout_ms) {
    wait_with(MUX_EPOLL, 0);
    return epoll_wait(epoll, events, most, timeout_ms);
}

int kernel_epoll_pwait(int epoll, struct epoll_event *events, int most, int timeout_ms, const sigset_t *mask);
int kernel_epoll_pwait(int epoll, struct epoll_event *events, int most, int timeout_ms, const sigset_t *mask) {
    wait_with(MUX_EPOLL, 0);
    return epoll_pwait(epoll, events, most, timeout_ms, mask);
}

int kernel_epoll_ctl(int epoll, int how, int fd, struct epoll_event *event);
int kernel_epoll_ctl(int epoll, int how, int fd, struct epoll_event *event) {
    own(asked.changes)++;
    return epoll_ctl(epoll, how, fd, event);
}
