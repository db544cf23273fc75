/* SPDX-License-Identifier: MIT */
/* script.c -- see script.h. Sizes are small: how much a send buffer takes is
 * the kernel's own affair, and it changes its mind while the buffer is full; so
 * fill() asks only what happens then, and nobody writes before there is room. */
#include "script.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rng.h"

enum { UNBORN, CONNECTED, ACCEPTED, CLOSED, SEEN };

static struct {
    struct rng rng;
    int listener, epoll, event;
    int outer; /* watches `epoll` */
    struct {
        int state, fd, twin;
        bool fin, rst, full;
    } client[CLIENTS];
    int order[CLIENTS], waiting;
} s;

static int below(int bound) {
    return (int)rng_below(&s.rng, (uint64_t)bound);
}

static void say(const char *what, int who, long answer) {
    if (answer < 0)
        fprintf(transcript, "%s %d: %s\n", what, who, strerrorname_np(errno));
    else
        fprintf(transcript, "%s %d: %ld\n", what, who, answer);
}

static void set_up(uint64_t seed) {
    memset(&s, 0, sizeof s);
    s.rng = rng_new(seed, 7);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    s.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    bind(s.listener, (struct sockaddr *)&address, sizeof address);
    listen(s.listener, 16);
    s.epoll = epoll_create1(0);
    s.event = eventfd(0, EFD_NONBLOCK);
    s.outer = epoll_create1(0);
    clients_open(s.listener);
    struct epoll_event nested = {.events = EPOLLIN | (below(2) ? EPOLLET : 0), .data.u32 = 200};
    say("watch an epoll", 0, epoll_ctl(s.outer, EPOLL_CTL_ADD, s.epoll, &nested));
    say("watch in a circle", 0, epoll_ctl(s.epoll, EPOLL_CTL_ADD, s.outer, &nested));
    struct epoll_event e = {.events = EPOLLIN | (below(2) ? EPOLLET : 0), .data.u32 = 100};
    epoll_ctl(s.epoll, EPOLL_CTL_ADD, s.listener, &e);
    e.data.u32 = 101;
    epoll_ctl(s.epoll, EPOLL_CTL_ADD, s.event, &e);
    for (int i = 0; i < CLIENTS; i++) s.client[i].fd = s.client[i].twin = -1;
    int file = open("/dev/null", O_RDONLY);
    say("watch a file", 0, epoll_ctl(s.epoll, EPOLL_CTL_ADD, file, &e));
    close(file);
}

static struct epoll_event any_mask(int who) {
    static const uint32_t kinds[] = {EPOLLET, EPOLLET, 0, EPOLLONESHOT, EPOLLET | EPOLLONESHOT};
    uint32_t events = kinds[below(5)];
    if (below(4)) events |= EPOLLIN;
    if (below(2)) events |= EPOLLOUT;
    if (below(2)) events |= EPOLLRDHUP;
    if (below(8) == 0) events |= EPOLLRDNORM;
    if (below(8) == 0) events |= EPOLLWRNORM;
    fprintf(transcript, "for %x: ", events);
    return (struct epoll_event){.events = events, .data.u32 = (uint32_t)who};
}

static void take_one(void) {
    int fd = accept4(s.listener, NULL, NULL, SOCK_NONBLOCK | (below(2) ? SOCK_CLOEXEC : 0));
    if (fd < 0) {
        say("accept", 0, fd);
        return;
    }
    fprintf(transcript, "closes on exec: %d\n", fcntl(fd, F_GETFD));
    int who = s.order[0];
    memmove(s.order, s.order + 1, sizeof s.order - sizeof *s.order);
    s.waiting--;
    s.client[who].state = ACCEPTED, s.client[who].fd = fd;
    struct epoll_event e = any_mask(who);
    say("accept and watch", who, epoll_ctl(s.epoll, EPOLL_CTL_ADD, fd, &e));
}

static void ask_now(void) {
    int all[3 + 2 * CLIENTS] = {s.listener, s.event, s.epoll};
    for (int i = 0; i < CLIENTS; i++) all[3 + 2 * i] = s.client[i].fd, all[4 + 2 * i] = s.client[i].twin;
    asks_look(all, 3 + 2 * CLIENTS);
}

static void wait_now(void) {
    struct epoll_event events[16];
    ask_now();
    if (below(2)) fprintf(transcript, "wait for the epoll: %d\n", epoll_wait(s.outer, events, 1, 0));
    int n = epoll_wait(s.epoll, events, 16, 0);
    fprintf(transcript, "wait: %d\n", n);
    for (int i = 0; i < n; i++) fprintf(transcript, "  %u: %x\n", events[i].data.u32, events[i].events);
}

static void read_some(int who, int fd) {
    char bytes[64];
    static const int kinds[] = {0, 0, 0, MSG_PEEK, MSG_TRUNC, MSG_PEEK | MSG_TRUNC};
    int flags = kinds[below(6)];
    size_t size = (size_t)(1 + below(64));
    say(flags & MSG_PEEK ? "look" : "read", who, flags ? recv(fd, bytes, size, flags) : read(fd, bytes, size));
}

static void write_some(int who, int fd) {
    char bytes[64] = {0};
    if (s.client[who].full) return;
    say("write", who, send(fd, bytes, (size_t)(1 + below(64)), MSG_NOSIGNAL));
}

/* Until the send buffer is full, and stays so once all that was sent has arrived; how much that is differs. */
static void fill(int who, int fd) {
    static char bytes[65536];
    ssize_t n;
    int times = 0;
    if (s.client[who].full) return;
    s.client[who].full = true;
    for (int before = -1; before < times;) {
        before = times;
        while ((n = send(fd, bytes, sizeof bytes, MSG_NOSIGNAL)) > 0) times++;
        if (before < times) clients_settle();
    }
    say("fill", who, n);
    fprintf(transcript, "  %s\n", times > 0 ? "took something" : "took nothing");
}

static void twin(int who) {
    int *fd = &s.client[who].twin;
    if (*fd < 0) {
        *fd = below(2) ? dup(s.client[who].fd) : fcntl(s.client[who].fd, F_DUPFD_CLOEXEC, 0);
        fprintf(transcript, "dup %d, closes on exec: %d\n", who, fcntl(*fd, F_GETFD));
    } else {
        close(*fd);
        *fd = -1;
        fprintf(transcript, "close dup %d\n", who);
    }
}

static void close_one(int who) {
    fprintf(transcript, "close %d\n", who);
    close(s.client[who].fd);
    s.client[who].fd = s.client[who].twin; /* its last duplicate keeps the watch */
    s.client[who].twin = -1;
    if (s.client[who].fd < 0) s.client[who].state = CLOSED;
}

/* 0 seconds, or not at all: with more, close might wait. */
static void linger(int who, int fd) {
    struct linger how = {.l_onoff = below(4) > 0, .l_linger = 0};
    fprintf(transcript, "linger %d:", how.l_onoff);
    say("", who, setsockopt(fd, SOL_SOCKET, SO_LINGER, &how, sizeof how));
}

/* What the server's close is to the client. */
static void look_at_end(int who) {
    s.client[who].state = SEEN;
    if (!s.client[who].rst) fprintf(transcript, "client %d sees %s\n", who, client_end(who));
}

static void low_water(int who, int fd) {
    int bytes = below(100), now = 0;
    fprintf(transcript, "low water %d:", bytes);
    say("", who, setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes));
    getsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &now, &(socklen_t){sizeof now});
    fprintf(transcript, "  %d\n", now);
}

static void shut(int who, int fd) {
    static const int ways[] = {SHUT_WR, SHUT_WR, SHUT_RDWR, SHUT_RD};
    int how = ways[below(4)];
    fprintf(transcript, "shutdown %d:", how);
    say("", who, shutdown(fd, how));
}

static void server_acts(int who) {
    int fd = s.client[who].fd;
    struct epoll_event e;
    switch (below(12)) {
    case 0:
    case 1:
    case 2:
    case 3:
        read_some(who, fd);
        break;
    case 4:
    case 5:
        write_some(who, fd);
        break;
    case 6:
    case 7:
        e = any_mask(who);
        say("watch again", who, epoll_ctl(s.epoll, EPOLL_CTL_MOD, fd, &e));
        break;
    case 8:
        say("forget", who, epoll_ctl(s.epoll, EPOLL_CTL_DEL, fd, NULL));
        break;
    case 9:
        e = any_mask(who);
        say("watch", who, epoll_ctl(s.epoll, EPOLL_CTL_ADD, fd, &e));
        break;
    case 10:
        below(2) ? twin(who) : fill(who, fd);
        break;
    default:
        if (below(3) == 0)
            close_one(who);
        else if (below(4) == 0)
            shut(who, fd);
        else if (below(3) == 0)
            linger(who, fd);
        else if (below(2))
            low_water(who, fd);
    }
}

static void receive_all(int who) {
    client_receive(who);
    s.client[who].full = false;
    fprintf(transcript, "client %d receives all\n", who);
}

static void client_acts(int who) {
    bool ended = s.client[who].fin || s.client[who].rst;
    int size = 1 + below(64);
    switch (below(8)) {
    case 0:
    case 1:
    case 2:
    case 3:
        if (!ended) client_send(who, size), fprintf(transcript, "client %d sends %d\n", who, size);
        break;
    case 4:
    case 5:
        if (!s.client[who].rst) receive_all(who);
        break;
    case 6:
        if (!ended)
            client_half_close(who), s.client[who].fin = true, fprintf(transcript, "client %d half-closes\n", who);
        break;
    default:
        if (!s.client[who].rst && below(2))
            client_reset(who), s.client[who].rst = true, fprintf(transcript, "client %d resets\n", who);
    }
}

static void ring_event(void) {
    uint64_t one = 1, count = 0;
    if (below(2))
        say("event", 1, write(s.event, &one, sizeof one));
    else
        say("event", 0, read(s.event, &count, sizeof count)), fprintf(transcript, "  %d\n", (int)count);
}

static void step(void) {
    int who = below(CLIENTS), what = below(10);
    if (s.client[who].state == UNBORN && what < 6) {
        client_connect(who);
        s.client[who].state = CONNECTED;
        s.order[s.waiting++] = who;
        fprintf(transcript, "client %d connects\n", who);
        return;
    }
    if (what < 2)
        wait_now();
    else if (what == 2)
        take_one();
    else if (what == 3)
        ring_event();
    else if (s.client[who].state == ACCEPTED)
        below(2) ? server_acts(who) : client_acts(who);
    else if (s.client[who].state == CONNECTED)
        client_acts(who);
    else if (s.client[who].state == CLOSED)
        look_at_end(who);
}

void script_play(uint64_t seed, int length) {
    signal(SIGPIPE, SIG_IGN);
    fprintf(transcript, "script %lu\n", (unsigned long)seed);
    set_up(seed);
    asks_begin(seed);
    for (int i = 0; i < length; i++) step(), clients_settle();
    wait_now();
    asks_end();
    clients_close();
    for (int i = 0; i < CLIENTS; i++) {
        if (s.client[i].fd >= 0) close(s.client[i].fd);
        if (s.client[i].twin >= 0) close(s.client[i].twin);
    }
    close(s.event);
    if (below(2)) close(s.outer), s.outer = -1;
    close(s.epoll);
    if (s.outer >= 0) close(s.outer);
    close(s.listener);
}
