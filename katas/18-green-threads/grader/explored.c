/* SPDX-License-Identifier: MIT */
/* explored.c -- the list of the explorer's scenarios, and what they share. */
#include "explored.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

const struct explore_scenario explore_scenarios[] = {
    {"traffic", run_traffic}, {"small", run_small},     {"memory", run_memory},     {"channel", run_channel},
    {"line", run_line},       {"closing", run_closing}, {"sleeps", run_sleeps},     {"sockets", run_sockets},
    {"numbers", run_numbers}, {"idle", run_idle},       {"together", run_together}, {NULL, NULL},
};

enum { MAX_STARTED = 16 };

static struct {
    int started, ended;
} seen;

struct start {
    void (*run)(void *);
    int number;
};

static struct start starts[MAX_STARTED]; /* each is written once, before its thread is started */

EXPLORE_QUIET static int note_start(void) {
    return seen.started++;
}

EXPLORE_QUIET static void note_refusal(void) {
    seen.ended++;
}

EXPLORE_QUIET static void note_end(void) {
    seen.ended++;
}

EXPLORE_QUIET static void check_ends(void) {
    if (seen.ended != seen.started)
        explore_fail("green_run has returned, and %d of %d green threads have ended", seen.ended, seen.started);
}

static void run_started(void *start) {
    struct start *s = start;
    int number = s->number;
    s->run(&number);
    note_end();
}

struct green *go(void (*run)(void *), int number) {
    struct start *s = &starts[note_start()];
    *s = (struct start){run, number};
    struct green *thread = green_go(run_started, s);
    if (!thread) note_refusal();
    return thread;
}

static void (*first_of_all)(void);

EXPLORE_QUIET static void note_first(void) {
    seen.started++;
}

static void run_first(void *arg) {
    if (arg != &seen) explore_fail("the first green thread is given another argument");
    first_of_all();
    note_end();
}

void run_green(size_t workers, void (*first)(void)) {
    first_of_all = first;
    note_first();
    int answer = green_run(workers, run_first, &seen);
    if (answer != 0) explore_fail("green_run answers %d, not 0", answer);
    check_ends();
}

void make_sockets(int ends[2]) {
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends)) explore_fail("socketpair fails");
}
