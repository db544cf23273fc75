/* SPDX-License-Identifier: MIT
 *
 * descriptors.c -- a thread sleeps in epoll_wait until a counter wakes it or a stream brings bytes.
 *
 * planted 1 (all_asleep): it is woken before it looks, and the counter was emptied then
 * planted 2 (all_asleep): interest for once is not renewed
 * planted 3 (race): what a write to the counter announces is written behind it
 * planted 4 (property): epoll_wait is believed to be interrupted by nobody
 * planted 5 (all_asleep): of an edge only some of the bytes are read */
#include "explore.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef PLANTED
#define PLANTED 0
#endif

static int list, counter, ends[2];
static int announced;

static void interest(int command, int number, uint32_t events) {
    struct epoll_event event = {.events = events, .data.fd = number};
    if (epoll_ctl(list, command, number, &event)) explore_fail("epoll_ctl: error %d", errno);
}

static int wait_for_event(void) {
    struct epoll_event event;
    int n;
    do n = epoll_wait(list, &event, 1, -1);
    while (n < 0 && errno == EINTR && PLANTED != 4);
    if (n != 1) explore_fail("epoll_wait answers %d", n);
    return event.data.fd;
}

static void *announce(void *unused) {
    uint64_t one = 1;
    if (PLANTED != 3) announced = 7;
    (void)!write(counter, &one, sizeof one);
    if (PLANTED == 3) announced = 7;
    return unused;
}

static void by_counter(void) {
    pthread_t other;
    uint64_t value = 0;
    list = epoll_create1(0), counter = eventfd(0, EFD_NONBLOCK);
    interest(EPOLL_CTL_ADD, counter, EPOLLIN);
    pthread_create(&other, NULL, announce, NULL);
    if (PLANTED == 1) (void)!read(counter, &value, sizeof value);
    if (wait_for_event() != counter) explore_fail("an event of another descriptor");
    if (read(counter, &value, sizeof value) != sizeof value || value != 1) explore_fail("the counter held no 1");
    if (announced != 7) explore_fail("it was announced, and is not there");
    pthread_join(other, NULL);
    close(counter), close(list);
}

static void *send_bytes(void *unused) {
    char bytes[100] = {0};
    for (size_t sent = 0; sent < sizeof bytes;) {
        ssize_t n = write(ends[0], bytes + sent, sizeof bytes - sent); /* blocks: there is room for 64 */
        if (n <= 0) explore_fail("write answers %zd", n);
        sent += (size_t)n;
    }
    close(ends[0]);
    return unused;
}

/* Reads what is there; false at the end. */
static bool read_some(size_t *got, size_t at_a_time) {
    char bytes[64];
    ssize_t n;
    while ((n = recv(ends[1], bytes, at_a_time, MSG_DONTWAIT)) > 0) {
        *got += (size_t)n;
        if (PLANTED == 5) return true;
    }
    if (n < 0 && errno != EAGAIN) explore_fail("recv: error %d", errno);
    return n != 0;
}

static void by_stream(uint32_t how) {
    pthread_t other;
    size_t got = 0;
    list = epoll_create1(0);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) explore_fail("socketpair fails");
    interest(EPOLL_CTL_ADD, ends[1], EPOLLIN | how);
    pthread_create(&other, NULL, send_bytes, NULL);
    while (read_some(&got, 24)) {
        if (wait_for_event() != ends[1]) explore_fail("an event of another descriptor");
        if (how == EPOLLONESHOT && PLANTED != 2) interest(EPOLL_CTL_MOD, ends[1], EPOLLIN | how);
    }
    if (got != 100) explore_fail("100 bytes were sent, %zu came", got);
    pthread_join(other, NULL);
    close(ends[1]);
    if (epoll_ctl(list, EPOLL_CTL_DEL, ends[1], NULL) != -1 || errno != EBADF)
        explore_fail("it is closed, and is there");
    close(list);
}

static void once(void) {
    by_stream(EPOLLONESHOT);
}

static void by_level(void) {
    by_stream(0);
}

static void by_edge(void) {
    by_stream(EPOLLET);
}

const struct explore_scenario explore_scenarios[] = {
    {"by_counter", by_counter}, {"once", once}, {"by_level", by_level}, {"by_edge", by_edge}, {NULL, NULL}};
