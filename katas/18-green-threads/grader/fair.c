/* SPDX-License-Identifier: MIT */
/* fair.c -- whose turn it is, on one worker: exact counts, no clocks.
 *
 *   turns     threads, rounds: all yield, and each turn is written down
 *   starving  busy: so many threads yield; 0: two hand a number to and fro
 *
 * Evidence: of turns, `turns`, the numbers of the threads in the order of their turns. Of starving, how many turns the
 * busy ones had while another one could have run: `late_start` of a thread that was started, `late_sleep` of one
 * whose sleep was over, `late_read` of one whose socket was ready. */
#include "driver.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "evidence.h"
#include "scenario.h"

enum { PATIENCE = 1000 };

static uint64_t *order, length, rounds, there;

/* Nothing is written down before all are there, whoever runs first: who starts a thread, or the thread. */
static void take_turns(void *arg) {
    there++;
    for (int i = 0; there < scenario_param("threads") && i < PATIENCE; i++) green_yield();
    for (uint64_t i = 0; i < rounds; i++) {
        order[length++] = (uint64_t)(uintptr_t)arg;
        green_yield();
    }
}

static void first_of_turns(void *arg) {
    (void)arg;
    go_all(scenario_param("threads"), take_turns);
}

void turns(uint64_t seed) {
    (void)seed;
    rounds = scenario_param("rounds");
    order = calloc(scenario_param("threads") * rounds, sizeof *order);
    run_green(1, first_of_turns);
    evidence_series("turns", order, length);
    free(order);
}

enum { BUSY_MAX = 4, ENOUGH = 200000, READY_AT = 500, SLEEP_NS = 200000 };

static struct {
    uint64_t all; /* turns of the busy ones */
    uint64_t due_ns, late_start, late_sleep, late_read, written_at;
    bool started, slept, read_it, over;
    int ends[2];
    struct chan *to[2];
} b;

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* False: everybody has had a turn, or that will never be. */
static bool count_turn(void) {
    b.all++;
    if (b.all == READY_AT) {
        char byte = 'x';
        (void)!write(b.ends[1], &byte, 1);
    }
    if (!b.started) b.late_start++;
    if (b.all > READY_AT && !b.read_it) b.late_read++;
    if (!b.slept && b.due_ns > 0 && now_ns() > b.due_ns) b.late_sleep++;
    if (b.all % 1024 == 0) evidence_progress();
    return !(b.started && b.slept && b.read_it) && b.all < ENOUGH;
}

static void keep_yielding(void *arg) {
    (void)arg;
    while (count_turn()) green_yield();
}

static void to_and_fro(void *arg) {
    uint64_t me = (uint64_t)(uintptr_t)arg, number = 0;
    while (chan_receive(b.to[me % 2], &number) && count_turn()) chan_send(b.to[!(me % 2)], number);
    chan_close(b.to[0]), chan_close(b.to[1]);
}

static void just_start(void *arg) {
    (void)arg;
    b.started = true;
}

static void sleep_a_while(void *arg) {
    (void)arg;
    uint64_t due = now_ns() + 2 * SLEEP_NS;
    b.due_ns = due;
    green_sleep(SLEEP_NS);
    b.slept = true;
}

static void read_a_byte(void *arg) {
    char byte;
    (void)arg;
    (void)green_read(b.ends[0], &byte, 1);
    b.read_it = true;
}

/* The busy ones are there first. */
static void first_of_starving(void *arg) {
    (void)arg;
    bool pairs = scenario_param("busy") == 0;
    struct green *busy[BUSY_MAX], *others[3];
    uint64_t count = pairs ? 2 : scenario_param("busy");
    for (uint64_t i = 0; i < count; i++) busy[i] = go(pairs ? to_and_fro : keep_yielding, (void *)(uintptr_t)i);
    others[0] = go(sleep_a_while, NULL);
    others[1] = go(read_a_byte, NULL);
    others[2] = go(just_start, NULL);
    if (pairs) chan_send(b.to[0], 1);
    for (uint64_t i = 0; i < count; i++) green_join(busy[i]);
    if (b.started && b.slept && b.read_it)
        for (int i = 0; i < 3; i++) green_join(others[i]);
}

void starving(uint64_t seed) {
    (void)seed;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, b.ends))
        evidence_broken_off("socketpair", "failed", "two sockets", "nothing of yours");
    b.to[0] = new_channel(1), b.to[1] = new_channel(1);
    run_green(1, first_of_starving);
    evidence_count("late_start", b.late_start);
    evidence_count("late_sleep", b.late_sleep);
    evidence_count("late_read", b.late_read);
    chan_free(b.to[0]), chan_free(b.to[1]);
}
