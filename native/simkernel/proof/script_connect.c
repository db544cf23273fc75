/* SPDX-License-Identifier: MIT */
/* script_connect.c -- a script of a program that connects: to a backend that answers, to
 * one that refuses, and to one from which nothing comes; see script.h. Whatever is called
 * meanwhile, by the program or by the backend, must be answered alike. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rng.h"
#include "script.h"

static struct {
    struct rng rng;
    int epoll;
    struct {
        int fd;
        enum backend backend;
        bool called, made, fin, rst, ended;
    } one[CLIENTS];
} s;

static int below(int bound) {
    return (int)rng_below(&s.rng, (uint64_t)bound);
}

static void say(const char *what, int who, long answer) {
    fprintf(transcript, "%s %d: ", what, who);
    if (answer < 0)
        fprintf(transcript, "%s\n", strerrorname_np(errno));
    else
        fprintf(transcript, "%ld\n", answer);
}

static struct epoll_event any_mask(int who) {
    uint32_t events = below(2) ? EPOLLET : 0;
    if (below(4)) events |= EPOLLOUT;
    if (below(2)) events |= EPOLLIN;
    if (below(2)) events |= EPOLLRDHUP;
    fprintf(transcript, "for %x: ", events);
    return (struct epoll_event){.events = events, .data.u32 = (uint32_t)who};
}

static void open_one(int who) {
    s.one[who].fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    s.one[who].called = s.one[who].made = s.one[who].fin = s.one[who].rst = s.one[who].ended = false;
    if (below(2)) return; /* watched before, or after it connects */
    struct epoll_event e = any_mask(who);
    say("watch", who, epoll_ctl(s.epoll, EPOLL_CTL_ADD, s.one[who].fd, &e));
}

/* To another address once the first attempt has failed. */
static void call(int who) {
    if (!s.one[who].called) s.one[who].backend = (enum backend)below(BACKENDS);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    to.sin_port = backend_port(who, s.one[who].backend);
    socklen_t size = below(12) == 0 ? sizeof to - 1 : sizeof to;
    int answer = connect(s.one[who].fd, (struct sockaddr *)&to, size);
    fprintf(transcript, "to backend %d: ", (int)s.one[who].backend);
    say("connect", who, answer);
    if (answer < 0 && errno == EINPROGRESS) {
        s.one[who].called = true;
        s.one[who].made = s.one[who].backend == ANSWERS;
    } else if (answer < 0 && errno != EALREADY && errno != EISCONN && errno != EINVAL) {
        s.one[who].called = s.one[who].made = s.one[who].rst = s.one[who].fin = false;
    }
}

static void look_at_error(int who) {
    int error = -1;
    getsockopt(s.one[who].fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){sizeof error});
    fprintf(transcript, "error %d: %s\n", who, error ? strerrorname_np(error) : "none");
}

static void wait_now(void) {
    struct epoll_event events[CLIENTS];
    int n = epoll_wait(s.epoll, events, CLIENTS, 0);
    fprintf(transcript, "wait: %d\n", n);
    for (int i = 0; i < n; i++) fprintf(transcript, "  %u: %x\n", events[i].data.u32, events[i].events);
}

static void end_one(int who) {
    fprintf(transcript, "close %d\n", who);
    close(s.one[who].fd);
    s.one[who].fd = -1;
    s.one[who].ended = true;
}

static void shut_one(int who) {
    int how = below(3) ? SHUT_WR : SHUT_RDWR;
    fprintf(transcript, "shutdown %d:", how);
    say("", who, shutdown(s.one[who].fd, how));
}

static void program_acts(int who) {
    char bytes[64] = {0};
    int fd = s.one[who].fd;
    struct epoll_event e;
    switch (below(10)) {
    case 0:
    case 1:
        call(who);
        break;
    case 2:
    case 3:
        look_at_error(who);
        break;
    case 4:
        say("read", who, s.one[who].called ? read(fd, bytes, sizeof bytes) : 0);
        break;
    case 5:
        say("write", who, s.one[who].called ? send(fd, bytes, (size_t)(1 + below(64)), MSG_NOSIGNAL) : 0);
        break;
    case 6:
        e = any_mask(who);
        say("watch", who, epoll_ctl(s.epoll, EPOLL_CTL_ADD, fd, &e));
        break;
    case 7:
        e = any_mask(who);
        say("watch again", who, epoll_ctl(s.epoll, EPOLL_CTL_MOD, fd, &e));
        break;
    case 8:
        if (s.one[who].made && below(3) == 0) shut_one(who);
        break;
    default:
        if (below(4) == 0) end_one(who);
    }
}

/* As in script.c, at the other end. */
static void backend_acts(int who) {
    bool over = s.one[who].fin || s.one[who].rst;
    switch (below(5)) {
    case 0:
    case 1:
        if (!over) client_send(who, 1 + below(64)), fprintf(transcript, "backend %d sends\n", who);
        break;
    case 2:
        if (!s.one[who].rst) client_receive(who), fprintf(transcript, "backend %d receives\n", who);
        break;
    case 3:
        if (!over && below(2))
            client_half_close(who), s.one[who].fin = true, fprintf(transcript, "backend %d half-closes\n", who);
        break;
    default:
        if (!s.one[who].rst && below(3) == 0)
            client_reset(who), s.one[who].rst = true, fprintf(transcript, "backend %d resets\n", who);
    }
}

static void step(void) {
    int who = below(CLIENTS), what = below(8);
    if (s.one[who].ended) {
        if (what == 0 && s.one[who].made && !s.one[who].rst)
            fprintf(transcript, "backend %d sees %s\n", who, client_end(who)), s.one[who].rst = true;
        if (what > 1) wait_now();
    } else if (s.one[who].fd < 0) {
        open_one(who);
    } else if (what < 2) {
        wait_now();
    } else if (what < 4 && s.one[who].made) {
        backend_acts(who);
    } else {
        program_acts(who);
    }
}

void script_play(uint64_t seed, int length) {
    signal(SIGPIPE, SIG_IGN);
    fprintf(transcript, "script %lu\n", (unsigned long)seed);
    memset(&s, 0, sizeof s);
    s.rng = rng_new(seed, 9);
    s.epoll = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < CLIENTS; i++) s.one[i].fd = -1;
    backends_open();
    for (int i = 0; i < length; i++) step(), clients_settle();
    wait_now();
    for (int i = 0; i < CLIENTS; i++)
        if (s.one[i].fd >= 0) close(s.one[i].fd);
    clients_close();
    close(s.epoll);
}
