/* SPDX-License-Identifier: MIT */
/* mux.c -- one descriptor has something to say, all others are idle: what a
 * wait costs with select, poll and epoll as the idle ones grow in number.
 *
 *     mux IDLE */
#include "rows.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <unistd.h>

static int *watched; /* the last one is the busy one */
static int count;

static void say_something(void) {
    uint64_t one = 1;
    if (write(watched[count - 1], &one, sizeof one) != sizeof one) give_up("write");
}

static void hear_it(void) {
    uint64_t heard;
    if (read(watched[count - 1], &heard, sizeof heard) != sizeof heard) give_up("read");
}

static void select_once(void) {
    fd_set ready;
    FD_ZERO(&ready);
    for (int i = 0; i < count; i++) FD_SET(watched[i], &ready);
    if (select(watched[count - 1] + 1, &ready, NULL, NULL, NULL) != 1) give_up("select");
    for (int i = 0; i < count; i++) {
        if (FD_ISSET(watched[i], &ready)) hear_it();
    }
}

static struct pollfd *polled;

static void poll_once(void) {
    if (poll(polled, (nfds_t)count, -1) != 1) give_up("poll");
    for (int i = 0; i < count; i++) {
        if (polled[i].revents) hear_it();
    }
}

static int interest;

static void epoll_once(void) {
    struct epoll_event ready[8];
    if (epoll_wait(interest, ready, 8, -1) != 1) give_up("epoll_wait");
    hear_it();
}

static void prepare(void) {
    polled = calloc((size_t)count, sizeof *polled);
    interest = epoll_create1(0);
    if (!polled || interest < 0) give_up("epoll_create1");
    for (int i = 0; i < count; i++) {
        polled[i] = (struct pollfd){.fd = watched[i], .events = POLLIN};
        struct epoll_event event = {.events = EPOLLIN, .data.fd = watched[i]};
        if (epoll_ctl(interest, EPOLL_CTL_ADD, watched[i], &event) != 0) give_up("epoll_ctl");
    }
}

/* Nanoseconds a wait, in about 50 ms of them; writing and reading included. */
static void measure(const char *name, void (*once)(void)) {
    uint64_t start = now_ns();
    uint64_t spent = 0;
    long waits = 0;
    for (; spent < 50000000u || waits < 20; waits++) {
        say_something();
        once();
        spent = now_ns() - start;
    }
    row(name, count - 1, (double)spent / (double)waits);
}

static void open_all(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    watched = calloc((size_t)count, sizeof *watched);
    if (!watched) give_up("calloc");
    for (int i = 0; i < count; i++) {
        watched[i] = eventfd(0, 0);
        if (watched[i] < 0) give_up("eventfd");
    }
}

int main(int argc, char **argv) {
    count = argc == 2 ? atoi(argv[1]) + 1 : 0;
    if (count < 2) return 2;
    open_all();
    prepare();
    if (watched[count - 1] < FD_SETSIZE) measure("select", select_once);
    measure("poll", poll_once);
    measure("epoll", epoll_once);
    return 0;
}
