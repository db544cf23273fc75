/* SPDX-License-Identifier: MIT */
/* waits.c -- one green thread in each wait that there is: for a client, for room, a byte, a number, an end.
 *
 *   short    sleeps of 1.9 ms on one worker, one after the other, meanwhile
 *
 * Evidence of short: `costs`, the steps that the library takes in these sleeps. Of whoever calls waits_report():
 * `ended`, waits that have ended; `other`, the number of the wait that had another answer than it was due, from 1 (0:
 * none), and `answer`, that one, negated. */
#include "driver.h"

#include <arpa/inet.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "costs.h"
#include "evidence.h"
#include "scenario.h"

enum { SLEEPS = 20, SLEEP_NS = 1900000 };

static struct {
    int listener, full[2], empty[2];
    struct sockaddr_in address;
    struct chan *numbers;
    struct green *receiver;
    _Atomic uint64_t there, ended, other, answer;
} w;

/* The wait of this number, from 1, has ended. */
static void note_end(uint64_t number, bool as_due, ssize_t answer) {
    w.ended++;
    if (as_due || w.other) return;
    w.other = number;
    w.answer = answer < 0 ? (uint64_t)-answer : 0;
}

static void wait_to_accept(void *arg) {
    (void)arg;
    w.there++;
    int fd = green_accept(w.listener);
    note_end(1, fd >= 0, fd);
    if (fd >= 0) close(fd);
}

static void wait_to_write(void *arg) {
    (void)arg;
    w.there++;
    ssize_t n = green_write(w.full[0], "x", 1);
    note_end(2, n == 1, n);
}

static void wait_to_read(void *arg) {
    char byte;
    (void)arg;
    w.there++;
    ssize_t n = green_read(w.empty[0], &byte, 1);
    note_end(3, n == 1, n);
}

static void wait_to_receive(void *arg) {
    uint64_t number;
    (void)arg;
    w.there++;
    note_end(4, !chan_receive(w.numbers, &number), 0);
}

static void wait_to_join(void *arg) {
    (void)arg;
    w.there++;
    green_join(w.receiver);
    note_end(5, true, 0);
}

static void (*const waits[])(void *) = {wait_to_accept, wait_to_write, wait_to_read, wait_to_join};
enum { WAITS = sizeof waits / sizeof *waits };

static void open_ends(void) {
    socklen_t size = sizeof w.address;
    w.address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    w.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (bind(w.listener, (struct sockaddr *)&w.address, size) || listen(w.listener, 8) ||
        getsockname(w.listener, (struct sockaddr *)&w.address, &size) ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, w.full) ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, w.empty))
        evidence_broken_off("socket", "failed", "a listener and two pairs", "nothing of yours");
    while (write(w.full[0], "x", 1) == 1) continue;
}

/* What each waits for. */
static void let_them_end(void) {
    char bytes[4096];
    int client = socket(AF_INET, SOCK_STREAM, 0);
    (void)!connect(client, (struct sockaddr *)&w.address, sizeof w.address); /* there is room in the queue */
    while (read(w.full[1], bytes, sizeof bytes) > 0) continue;
    (void)!write(w.empty[1], "x", 1);
    chan_close(w.numbers);
    close(client);
}

static struct green *threads[WAITS];

void begin_waits(void) {
    open_ends();
    w.numbers = new_channel(1);
    w.receiver = go(wait_to_receive, NULL);
    for (int i = 0; i < WAITS; i++) threads[i] = go(waits[i], NULL);
}

bool waits_begun(void) {
    return w.there == WAITS + 1;
}

void end_waits(void) {
    let_them_end();
    for (int i = 0; i < WAITS; i++) green_join(threads[i]);
    chan_free(w.numbers);
}

void waits_report(void) {
    evidence_count("ended", w.ended);
    evidence_count("other", w.other);
    evidence_count("answer", w.answer);
}

/* One worker: its thread takes all steps. */
static void first_of_short(void *arg) {
    (void)arg;
    begin_waits();
    green_sleep(SLEEP_NS);
    cost_begin(0, 1, SLEEPS, 0);
    for (int i = 0; i < SLEEPS; i++) green_sleep(SLEEP_NS);
    cost_end();
    end_waits();
}

void short_sleeps(uint64_t seed) {
    (void)seed;
    run_green(1, first_of_short);
    costs_report();
}
