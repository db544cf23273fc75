/* SPDX-License-Identifier: MIT */
/* crowd.c -- an echo server of green threads and its clients, on the loopback interface.
 *
 *   crowd      workers, clients, bytes (each, by two threads: one writes, one reads)
 *   leftovers  the same a few times over, and what is left of it
 *
 * Each client's result goes through a channel. Evidence of crowd: `clients`, `right` and `wrong` bytes, `results`;
 * `blocking`: descriptors that green_accept answered without O_NONBLOCK; `gone`:
 * the answer of green_write where the peer is gone, negated.
 * Of leftovers: `descriptors`, `threads` and `allocations` (held by the library), each before and behind; `bytes`,
 * those that are mapped before and after each time. */
#include "driver.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "evidence.h"
#include "heap.h"
#include "scenario.h"

enum { CHUNK = 1000, RESULTS = 3 };

static struct {
    int listener;
    struct sockaddr_in address;
    uint64_t workers, clients, bytes;
    struct chan *results;
    _Atomic uint64_t right, wrong, blocking;
    uint64_t received, gone;
} c;

struct client {
    int fd;
    uint64_t number;
};

static unsigned char byte_of(uint64_t client, uint64_t at) {
    return (unsigned char)(client * 31 + at * 7 + at / 251);
}

static int write_whole(int fd, const unsigned char *from, size_t size) {
    for (size_t at = 0; at < size;) {
        ssize_t n = green_write(fd, from + at, size - at);
        if (n <= 0) return -1;
        at += (size_t)n;
    }
    return 0;
}

static void serve(void *arg) {
    int fd = (int)(intptr_t)arg;
    unsigned char bytes[CHUNK];
    ssize_t n;
    while ((n = green_read(fd, bytes, sizeof bytes)) > 0)
        if (write_whole(fd, bytes, (size_t)n)) break;
    close(fd);
}

static void accept_all(void *arg) {
    (void)arg;
    for (uint64_t i = 0; i < c.clients; i++) {
        int fd = green_accept(c.listener);
        if (fd < 0) break;
        if (!(fcntl(fd, F_GETFL) & O_NONBLOCK)) c.blocking++;
        go(serve, (void *)(intptr_t)fd); /* never joined */
    }
}

static void send_bytes(void *arg) {
    struct client *me = arg;
    unsigned char bytes[CHUNK];
    for (uint64_t at = 0; at < c.bytes; at += CHUNK) {
        for (uint64_t i = 0; i < CHUNK; i++) bytes[i] = byte_of(me->number, at + i);
        if (write_whole(me->fd, bytes, CHUNK)) break;
        if (at % (4 * CHUNK) == 0) green_yield();
    }
}

static void check_bytes(struct client *me) {
    unsigned char bytes[CHUNK];
    for (uint64_t at = 0; at < c.bytes;) {
        ssize_t n = green_read(me->fd, bytes, sizeof bytes);
        if (n <= 0) break;
        for (ssize_t i = 0; i < n; i++, at++) *(bytes[i] == byte_of(me->number, at) ? &c.right : &c.wrong) += 1;
        evidence_progress();
    }
}

/* On the loopback interface a connect does not wait: the listener's queue is long enough. */
static int connected(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&c.address, sizeof c.address)) return -1;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void be_client(void *arg) {
    struct client me = {connected(), (uint64_t)(uintptr_t)arg};
    if (me.fd >= 0) {
        struct green *sender = go(send_bytes, &me);
        if (me.number % 3 == 0) green_sleep(100000);
        check_bytes(&me);
        green_join(sender);
        close(me.fd);
    }
    chan_send(c.results, me.number);
}

static void collect(void *arg) {
    uint64_t number;
    (void)arg;
    while (chan_receive(c.results, &number)) c.received += number + 1;
}

/* Where SIGPIPE would end the process. */
static void write_to_nobody(void) {
    int ends[2];
    signal(SIGPIPE, SIG_DFL);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends))
        evidence_broken_off("socketpair", "failed", "two sockets", "nothing of yours");
    close(ends[1]);
    c.gone = (uint64_t)-green_write(ends[0], "x", 1);
    close(ends[0]);
}

static void first(void *arg) {
    (void)arg;
    write_to_nobody();
    c.results = new_channel(RESULTS);
    struct green *acceptor = go(accept_all, NULL), *collector = go(collect, NULL);
    go_all(c.clients, be_client);
    green_join(acceptor);
    chan_close(c.results);
    green_join(collector);
    chan_free(c.results);
}

static void listen_somewhere(void) {
    socklen_t size = sizeof c.address;
    c.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    c.address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(c.listener, (struct sockaddr *)&c.address, size) || listen(c.listener, 4096) ||
        getsockname(c.listener, (struct sockaddr *)&c.address, &size))
        evidence_broken_off("listen", "failed", "a listening socket", "nothing of yours");
}

static void run_crowd(void) {
    c.workers = scenario_param("workers");
    c.clients = scenario_param("clients");
    c.bytes = scenario_param("bytes");
    listen_somewhere();
    run_green(c.workers, first);
    close(c.listener);
}

void crowd(uint64_t seed) {
    (void)seed;
    run_crowd();
    evidence_count("clients", c.clients);
    evidence_count("right", c.right);
    evidence_count("wrong", c.wrong);
    evidence_count("blocking", c.blocking);
    evidence_count("gone", c.gone);
    evidence_count("results", c.received);
}

/* A thread that has been joined may be told of a little longer. */
static uint64_t threads_settled(uint64_t wanted) {
    for (int i = 0; i < 2000 && kernel_threads() > wanted; i++) nanosleep(&(struct timespec){0, 1000000}, NULL);
    return kernel_threads();
}

void leftovers(uint64_t seed) {
    (void)seed;
    enum { RUNS = 5 };
    mallopt(M_ARENA_MAX, 1); /* an arena takes 64 MiB, and whoever meets another thread in malloc opens one */
    run_crowd();             /* what the C library keeps for good it has now */
    uint64_t threads[2] = {kernel_threads(), 0}, fds[2] = {descriptors(), 0}, bytes[RUNS + 1] = {mapped_bytes()};
    uint64_t held[2] = {0, 0};
    threads[0] = 1;
    for (int i = 1; i <= RUNS; i++) run_crowd(), bytes[i] = mapped_bytes();
    threads[1] = threads_settled(threads[0]);
    fds[1] = descriptors();
    held[1] = (uint64_t)heap_live();
    evidence_series("threads", threads, 2);
    evidence_series("descriptors", fds, 2);
    evidence_series("bytes", bytes, RUNS + 1);
    evidence_series("allocations", held, 2);
}
