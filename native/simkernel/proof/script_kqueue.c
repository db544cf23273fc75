/* SPDX-License-Identifier: MIT */
/* script_kqueue.c -- script.c's clients, watched by a kqueue. On the real kernel
 * native/kqueue answers, so what it cannot tell is left out here: the room of a
 * send buffer, errors in EV_EOF, duplicates, shutdown; and a writer's EV_CLEAR
 * after its client has ended. Events are told in the order of clients. */
#include "script.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/event.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rng.h"

enum { UNBORN, CONNECTED, ACCEPTED, CLOSED };
enum { READ, WRITE, FILTERS, LISTENER = 100, EVENT, USER };

static const short filters[] = {EVFILT_READ, EVFILT_WRITE};

static struct {
    struct rng rng;
    int listener, queue, event;
    struct {
        int state, fd, low;
        unsigned short manner[FILTERS];
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

static unsigned short any_manner(void) {
    static const unsigned short kinds[] = {EV_CLEAR, EV_CLEAR, 0, EV_ONESHOT, EV_DISPATCH, EV_CLEAR | EV_DISPATCH};
    return kinds[below(6)];
}

static void watch_alone(uintptr_t ident, short filter, unsigned short manner, intptr_t who) {
    struct kevent c;
    EV_SET(&c, ident, filter, EV_ADD | manner, 0, 0, (void *)who);
    say("watch", (int)who, kevent(s.queue, &c, 1, NULL, 0, NULL));
}

static void set_up(uint64_t seed) {
    memset(&s, 0, sizeof s);
    s.rng = rng_new(seed, 8);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    s.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    bind(s.listener, (struct sockaddr *)&address, sizeof address);
    listen(s.listener, 16);
    s.queue = kqueue();
    s.event = eventfd(0, EFD_NONBLOCK);
    clients_open(s.listener);
    watch_alone((uintptr_t)s.listener, EVFILT_READ, below(2) ? EV_CLEAR : 0, LISTENER);
    watch_alone((uintptr_t)s.event, EVFILT_READ, below(2) ? EV_CLEAR : 0, EVENT);
    watch_alone(7, EVFILT_USER, below(2) ? EV_CLEAR : EV_DISPATCH, USER);
    for (int i = 0; i < CLIENTS; i++) s.client[i].fd = -1;
}

static struct kevent change_of(int who, int filter, unsigned short how) {
    struct kevent c;
    int low = filter == READ ? s.client[who].low : 0;
    EV_SET(&c, s.client[who].fd, filters[filter], how, low ? NOTE_LOWAT : 0, low, (void *)(intptr_t)who);
    if (how & EV_ADD) c.flags |= s.client[who].manner[filter];
    return c;
}

/* Up to three changes, with receipts for some; what fails is told in their order. */
static void change_some(int who) {
    static const unsigned short actions[] = {EV_ADD,    EV_ADD,    EV_ADD,     EV_ADD | EV_DISABLE,
                                             EV_DELETE, EV_ENABLE, EV_DISABLE, EV_ENABLE};
    struct kevent c[3], told[3];
    int count = 1 + below(3), room = below(4) ? 3 : 0;
    for (int i = 0; i < count; i++) {
        int filter = below(FILTERS);
        unsigned short how = actions[below(8)] | (room && below(4) == 0 ? EV_RECEIPT : 0);
        c[i] = change_of(who, filter, how);
        fprintf(transcript, "%s %x, ", filter == READ ? "reader" : "writer", c[i].flags);
    }
    struct timespec now = {0, 0};
    /* With room for events there may be some: then only receipts are asked for. */
    for (int i = 0; room && i < count; i++) c[i].flags |= EV_RECEIPT;
    int n = kevent(s.queue, c, count, room ? told : NULL, room, &now);
    say("change", who, n);
    for (int i = 0; i < n; i++)
        fprintf(transcript, "  %d: %x %ld\n", told[i].filter, told[i].flags, (long)told[i].data);
}

static void take_one(void) {
    int fd = accept4(s.listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) {
        say("accept", 0, fd);
        return;
    }
    int who = s.order[0];
    memmove(s.order, s.order + 1, sizeof s.order - sizeof *s.order);
    s.waiting--;
    s.client[who].state = ACCEPTED, s.client[who].fd = fd;
    s.client[who].low = below(4) == 0 ? 2 + below(60) : 0;
    for (int f = READ; f < FILTERS; f++) s.client[who].manner[f] = any_manner();
    fprintf(transcript, "accept %d, %d\n", who, s.client[who].low);
    change_some(who);
}

static int by_client(const void *one, const void *other) {
    const struct kevent *a = one, *b = other;
    intptr_t first = (intptr_t)a->udata * 2 + (a->filter == EVFILT_WRITE),
             second = (intptr_t)b->udata * 2 + (b->filter == EVFILT_WRITE);
    return (first > second) - (first < second);
}

/* A FIN wakes a writer of epoll's. */
static bool left_out(const struct kevent *e) {
    intptr_t who = (intptr_t)e->udata;
    return e->filter == EVFILT_WRITE && e->flags & EV_CLEAR && s.client[who].fin && !s.client[who].rst;
}

static void wait_now(void) {
    struct kevent events[16];
    int n = kevent(s.queue, NULL, 0, events, 16, &(struct timespec){0, 0}), shown = 0;
    for (int i = 0; i < n; i++)
        if (!left_out(&events[i])) events[shown++] = events[i];
    qsort(events, (size_t)shown, sizeof *events, by_client);
    fprintf(transcript, "wait: %d\n", n < 0 ? n : shown);
    for (int i = 0; i < shown; i++)
        fprintf(transcript, "  %d: filter %d flags %x data %ld\n", (int)(intptr_t)events[i].udata, events[i].filter,
                events[i].flags, events[i].filter == EVFILT_READ ? (long)events[i].data : 0L);
}

static void read_some(int who, int fd) {
    char bytes[64];
    say("read", who, read(fd, bytes, (size_t)(1 + below(64))));
}

/* Until the send buffer is full, and stays so once all that was sent has arrived; how much that is differs. */
static void fill(int who, int fd) {
    static char bytes[65536];
    ssize_t n;
    if (s.client[who].full) return;
    s.client[who].full = true;
    for (bool more = true; more;) {
        more = false;
        while ((n = send(fd, bytes, sizeof bytes, MSG_NOSIGNAL)) > 0) more = true;
        if (more) clients_settle();
    }
    say("fill", who, n);
}

static void close_one(int who) {
    fprintf(transcript, "close %d\n", who);
    close(s.client[who].fd);
    struct kevent c = change_of(who, below(FILTERS), EV_DELETE);
    say("forget what is closed", who, kevent(s.queue, &c, 1, NULL, 0, NULL));
    s.client[who].state = CLOSED, s.client[who].fd = -1;
}

static void server_acts(int who) {
    int fd = s.client[who].fd, what = below(12);
    if (what < 5)
        read_some(who, fd);
    else if (what < 9)
        change_some(who);
    else if (what < 11)
        fill(who, fd);
    else if (below(3) == 0)
        close_one(who);
}

static void client_acts(int who) {
    bool ended = s.client[who].fin || s.client[who].rst;
    int size = 1 + below(64), what = below(8);
    if (what < 4 && !ended) {
        client_send(who, size);
        fprintf(transcript, "client %d sends %d\n", who, size);
    } else if (what < 6 && !s.client[who].rst) {
        client_receive(who);
        s.client[who].full = false;
        fprintf(transcript, "client %d receives all\n", who);
    } else if (what == 6 && !ended) {
        client_half_close(who);
        s.client[who].fin = true;
        fprintf(transcript, "client %d half-closes\n", who);
    } else if (what == 7 && !s.client[who].rst && below(2)) {
        client_reset(who);
        s.client[who].rst = true;
        fprintf(transcript, "client %d resets\n", who);
    }
}

static void ring_something(void) {
    static const unsigned short how[] = {0, 0, EV_DISABLE, EV_ENABLE};
    uint64_t one = 1, count = 0;
    struct kevent c;
    switch (below(4)) {
    case 0:
        say("event", 1, write(s.event, &one, sizeof one));
        break;
    case 1:
        say("event", 0, read(s.event, &count, sizeof count));
        break;
    default:
        EV_SET(&c, 7, EVFILT_USER, how[below(4)], below(2) ? NOTE_TRIGGER : 0, 0, (void *)(intptr_t)USER);
        fprintf(transcript, "user %x %x, ", c.flags, c.fflags);
        say("change", USER, kevent(s.queue, &c, 1, NULL, 0, NULL));
    }
}

static void step(void) {
    int who = below(CLIENTS), what = below(10);
    if (s.client[who].state == UNBORN && what < 6) {
        client_connect(who);
        s.client[who].state = CONNECTED;
        s.order[s.waiting++] = who;
        fprintf(transcript, "client %d connects\n", who);
    } else if (what < 2)
        wait_now();
    else if (what == 2)
        take_one();
    else if (what == 3)
        ring_something();
    else if (s.client[who].state == ACCEPTED)
        below(2) ? server_acts(who) : client_acts(who);
    else if (s.client[who].state == CONNECTED)
        client_acts(who);
}

static void wait_for_timer(int queue) {
    struct kevent e = {0};
    int n = kevent(queue, NULL, 0, &e, 1, &(struct timespec){0, 20 * 1000 * 1000});
    fprintf(transcript, "timer: %d, %d %x, %s\n", n, e.filter, e.flags, e.data > 0 ? "rang" : "did not ring");
}

/* Once and no more; again and again; by nobody's leave; not before its time. */
static void timers(void) {
    static const struct {
        unsigned short flags;
        unsigned unit;
        int64_t data;
    } kinds[] = {
        {EV_ONESHOT, 0, 1}, {0, NOTE_USECONDS, 900}, {EV_DISPATCH, NOTE_NSECONDS, 900000}, {0, NOTE_SECONDS, 90}};
    int queue = kqueue(), kind = below(4);
    struct kevent c;
    EV_SET(&c, 3, EVFILT_TIMER, EV_ADD | kinds[kind].flags, kinds[kind].unit, kinds[kind].data, NULL);
    say("start", kind, kevent(queue, &c, 1, NULL, 0, NULL));
    wait_for_timer(queue);
    if (kind != 3) wait_for_timer(queue);
    c.flags = EV_DELETE;
    say("stop", kind, kevent(queue, &c, 1, NULL, 0, NULL));
    c.flags = EV_ENABLE;
    say("enable", kind, kevent(queue, &c, 1, NULL, 0, NULL));
    say("close", 0, close(queue));
}

void script_play(uint64_t seed, int length) {
    signal(SIGPIPE, SIG_IGN);
    fprintf(transcript, "script %lu\n", (unsigned long)seed);
    set_up(seed);
    for (int i = 0; i < length; i++) step(), clients_settle();
    wait_now();
    if (below(4) == 0) timers();
    clients_close();
    for (int i = 0; i < CLIENTS; i++)
        if (s.client[i].fd >= 0) close(s.client[i].fd);
    close(s.event);
    close(s.queue);
    close(s.listener);
}
