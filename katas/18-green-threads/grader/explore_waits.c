/* SPDX-License-Identifier: MIT */
/* explore_waits.c -- sleeps, sockets and idle workers under the schedule explorer, in virtual time.
 *
 *   sleeps   sleepers on one worker, in whatever order they wake; one sleeps for ever, and nobody with it
 *   sockets  bytes both ways over one pair, more than it holds; the end; a peer that is gone
 *   numbers  a descriptor is closed, and its number comes again
 *   idle     a green thread waits for a byte through a thousand days, and the workers sleep */
#include "explored.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

enum { BYTES = 100 }; /* more than a stream holds here */

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* Two of them end within a millisecond. */
static const uint64_t lengths_ns[] = {20 * NS_PER_S, 10 * NS_PER_S, 30 * NS_PER_S, 10 * NS_PER_S + 300000};
static int awake;

static void sleep_own(void *number) {
    uint64_t begun = now_ns(), asked = lengths_ns[*(int *)number];
    green_sleep(asked);
    uint64_t slept = now_ns() - begun;
    if (slept < asked)
        explore_fail("green_sleep of %llu ns returns after %llu ns", (unsigned long long)asked,
                     (unsigned long long)slept);
    awake++;
}

static void first_of_sleeps(void) {
    struct green *threads[4];
    for (int i = 0; i < 4; i++) threads[i] = go(sleep_own, i);
    green_sleep(0);
    green_yield();
    for (int i = 0; i < 4; i++) green_join(threads[i]);
    if (awake != 4) explore_fail("%d of 4 sleepers are awake", awake);
}

/* The end of this sleep does not fit into 64 bits. */
static void overlong(void *unused) {
    (void)unused;
    green_sleep(UINT64_MAX - 1);
    explore_fail("green_sleep of more than 500 years returns within a day");
}

static void first_of_overlong(void) {
    go(overlong, 0);
    explore_wait_for("a green thread sleeps for more than 500 years, and one that sleeps for a day never wakes");
    green_sleep(86400 * NS_PER_S);
    explore_wait_for(NULL);
    explore_assume(false); /* the other one never ends, and so this execution is left here */
}

void run_sleeps(void) {
    run_green(1, first_of_sleeps);
    if (explore_choose(4) == 1) run_green(1, first_of_overlong);
}

/* --- sockets --- */

static int ends[2];

static void write_all(int fd, char byte) {
    char bytes[BYTES];
    for (int i = 0; i < BYTES; i++) bytes[i] = (char)(byte + i % 10);
    for (size_t at = 0; at < BYTES;) {
        ssize_t n = green_write(fd, bytes + at, BYTES - at);
        if (n <= 0) explore_fail("green_write answers %zd, and the peer reads", n);
        at += (size_t)n;
    }
}

static void read_all(int fd, char byte) {
    char bytes[BYTES];
    for (size_t at = 0; at < BYTES;) {
        ssize_t n = green_read(fd, bytes + at, BYTES - at);
        if (n <= 0 || (size_t)n > BYTES - at) explore_fail("green_read answers %zd behind %zu of 100 bytes", n, at);
        at += (size_t)n;
    }
    for (int i = 0; i < BYTES; i++)
        if (bytes[i] != (char)(byte + i % 10)) explore_fail("byte %d is not the one that was written", i);
}

static void write_there(void *number) {
    write_all(ends[*(int *)number], *(int *)number ? 'p' : 'a');
}

static void read_there(void *number) {
    read_all(ends[*(int *)number], *(int *)number ? 'a' : 'p');
}

/* A reader and a writer at each end, and then the end. */
static void first_of_sockets(void) {
    char byte;
    make_sockets(ends);
    struct green *threads[] = {go(read_there, 0), go(write_there, 0), go(write_there, 1)};
    read_all(ends[1], 'a');
    for (int i = 0; i < 3; i++) green_join(threads[i]);
    close(ends[0]);
    ssize_t n = green_read(ends[1], &byte, 1);
    if (n != 0) explore_fail("green_read answers %zd, not 0, when the peer has closed", n);
    n = green_write(ends[1], "x", 1);
    if (n != -EPIPE) explore_fail("green_write answers %zd, not -EPIPE, when the peer has closed", n);
    close(ends[1]);
    n = green_read(ends[1], &byte, 1);
    if (n != -EBADF) explore_fail("green_read answers %zd, not -EBADF, on a descriptor that is closed", n);
}

void run_sockets(void) {
    run_green(2, first_of_sockets);
}

/* --- numbers that come again --- */

static void read_a_byte(void *number) {
    char byte = 0;
    ssize_t n = green_read(*(int *)number, &byte, 1);
    if (n != 1 || byte != 'x') explore_fail("green_read answers %zd, and a byte was written", n);
}

static void first_of_numbers(void) {
    int before = -1;
    for (int life = 0; life < 3; life++) {
        make_sockets(ends);
        if (before >= 0 && ends[0] != before) explore_fail("the explorer gives a descriptor another number");
        before = ends[0];
        struct green *reader = go(read_a_byte, ends[0]);
        green_yield(); /* it waits: there is one worker */
        ssize_t n = green_write(ends[1], "x", 1);
        if (n != 1) explore_fail("green_write answers %zd for one byte", n);
        green_join(reader);
        close(ends[0]), close(ends[1]);
    }
}

void run_numbers(void) {
    run_green(1, first_of_numbers);
}

/* --- idle --- */

static void first_of_idle(void) {
    read_a_byte(&ends[0]);
}

static void *write_much_later(void *unused) {
    explore_name_thread("outside");
    explore_wait_idle(0);
    for (int day = 0; day < 1000; day++) nanosleep(&(struct timespec){86400, 0}, NULL);
    if (write(ends[1], "x", 1) != 1) explore_fail("the driver cannot write");
    return unused;
}

void run_idle(void) {
    pthread_t outside;
    make_sockets(ends);
    pthread_create(&outside, NULL, write_much_later, NULL);
    explore_wait_for("a green thread waits for a byte, and its workers do not sleep until it comes");
    run_green(2, first_of_idle);
    explore_wait_for(NULL);
    pthread_join(outside, NULL);
    close(ends[0]), close(ends[1]);
}
