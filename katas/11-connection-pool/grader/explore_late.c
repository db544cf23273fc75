/* SPDX-License-Identifier: MIT */
/* explore_late.c -- what comes to a caller whose time is over, or nearly.
 *
 *   late  a release, a place, or the caller's own open, about when the time is over */
#include "explored.h"

#define TIMEOUT_S 10u

static struct caller {
    pthread_t thread;
    const char *name;
    enum conn_status status;
    int served; /* the how-many-th that was answered CONN_OK; 0: it was not; of quiet functions */
} first = {.name = "first caller"}, second = {.name = "second caller"};

static void check_answer(const struct caller *c, uint64_t begun) {
    uint64_t waited = now_ns() - begun;
    if (c->status == CONN_TIMEOUT && waited < TIMEOUT_S * NS_PER_S)
        explore_fail("the %s is answered CONN_TIMEOUT after %llu ns; it had %u s", c->name, (unsigned long long)waited,
                     TIMEOUT_S);
    if (c->status != CONN_TIMEOUT && c->status != CONN_OK)
        explore_fail("the %s is answered %s", c->name, status_name(c->status));
}

static int answered_ok; /* of quiet functions */

EXPLORE_QUIET static void note_served(struct caller *c) {
    if (c->status == CONN_OK) c->served = ++answered_ok;
}

EXPLORE_QUIET static bool was_served_before(const struct caller *one, const struct caller *other) {
    return one->served && other->served && one->served < other->served;
}

static void *call(void *argument) {
    struct caller *c = argument;
    explore_name_thread(c->name);
    uint64_t begun = now_ns();
    int number = acquire(&c->status);
    note_served(c);
    check_answer(c, begun);
    if (c->status == CONN_OK) release(number, false);
    return NULL;
}

static void start(struct caller *c) {
    pthread_create(&c->thread, NULL, call, c);
}

/* It waits, or has waited, when this returns. */
static void start_and_await(struct caller *c) {
    int answers = answers_so_far();
    start(c);
    await_waiting(1, answers);
}

static void join_late(struct caller *c, const char *what) {
    pthread_join(c->thread, NULL);
    if (c->status == CONN_OK)
        explore_fail("%s when the %s's %u s were over, and it is answered CONN_OK: it goes on to the next one, and "
                     "this one is answered CONN_TIMEOUT",
                     what, c->name, TIMEOUT_S);
}

/* Whatever became of the callers, there is one connection, and it can be had. */
static void check_not_lost(int opens, const char *what) {
    explore_wait_for(what);
    int number = acquire_ok(what);
    explore_wait_for(NULL);
    if (opens_so_far() != opens)
        explore_fail("%s, and the pool has opened %d connections, not %d", what, opens_so_far(), opens);
    release(number, false);
    check_stats("all callers have returned", 1, 0);
}

static struct pool_limits one(void) {
    return (struct pool_limits){1, 0, 9, TIMEOUT_S * NS_PER_S, 0, 0};
}

/* The first caller waits; time goes on until `end_s` later, or longer. */
static int wait_behind_main(uint64_t end_s) {
    open_pool(one());
    int number = acquire_ok("nobody else has called");
    start_and_await(&first);
    sleep_until(now_ns() + end_s * NS_PER_S);
    return number;
}

static void released_in_the_last_moment(bool broken) {
    int number = wait_behind_main(TIMEOUT_S);
    bool two = explore_choose(2);
    if (two) start(&second);
    release(number, broken);
    pthread_join(first.thread, NULL);
    if (two) pthread_join(second.thread, NULL);
    world.slow = false;
    if (broken)
        check_not_lost(2, "a broken connection was released when a waiter's time was about over: its place is free");
    else
        check_not_lost(1,
                       "a connection was released when a waiter's time was about over: it is idle, or the next one's");
}

static void released_too_late(bool broken) {
    int number = wait_behind_main(TIMEOUT_S + 2);
    bool two = explore_choose(2);
    if (two) start(&second);
    release(number, broken);
    join_late(&first, broken ? "a place came free" : "the connection was released");
    if (two) pthread_join(second.thread, NULL);
    check_not_lost(1 + broken, "a connection was released after a waiter's time");
}

/* Whatever the first one does with it in its last moment, the second one is next, and not one that has come later. What
 * came in time may find the first one asleep until its time is over. */
static void on_to_the_next_one(bool broken) {
    struct caller newcomer = {.name = "newcomer"};
    int number = wait_behind_main(TIMEOUT_S / 2);
    start(&second);
    await_waiting(2, 1); /* or have been answered, both of them; the main thread was */
    bool in_time = explore_choose(2);
    sleep_until(now_ns() + (TIMEOUT_S - TIMEOUT_S / 2 - in_time) * NS_PER_S);
    release(number, broken);
    if (in_time) sleep_s(2);
    pthread_join(first.thread, NULL);
    call(&newcomer);
    pthread_join(second.thread, NULL);
    if (was_served_before(&newcomer, &second))
        explore_fail("a %s came to the first caller when its time was about over; the second caller was waiting, and a "
                     "newcomer is served before it",
                     broken ? "place" : "connection");
}

static bool waits;

static void take_too_long(void) {
    if (opens_so_far() > 0) return;
    uint64_t begun = now_ns();
    sleep_until(begun + (TIMEOUT_S - 4) * NS_PER_S);
    if (waits) start_and_await(&second);
    sleep_until(begun + (TIMEOUT_S + 2) * NS_PER_S);
}

/* The second one, if there is one, has waited for 6 s when the first one's open ends, or longer. */
static void open_takes_too_long(void) {
    open_pool(one());
    waits = explore_choose(2);
    world.opening = take_too_long;
    start(&first);
    join_late(&first, "its own open ended");
    if (waits) pthread_join(second.thread, NULL);
    check_not_lost(1, "an open ended after its caller's time: the connection serves another one");
}

static void take_six_seconds(void) {
    sleep_s(6);
}

static void be_slow(int number) {
    (void)number;
    take_six_seconds();
}

/* An idle one is dead, which takes 6 s to see or to close, and then an open takes as long: 12 s from the call on. */
static void dead_one_first(bool slow_to_close) {
    open_pool(one());
    int number = acquire_ok("nobody else has called");
    kill_connection(number);
    release(number, false);
    if (slow_to_close)
        world.closing = be_slow;
    else
        world.looking = be_slow;
    world.opening = take_six_seconds;
    start(&first);
    join_late(&first, slow_to_close ? "closing a dead one took 6 s, its own open as long: the open ended"
                                    : "to see that one is dead took 6 s, its own open as long: the open ended");
    check_not_lost(2, "an open ended after its caller's time: the connection serves another one");
}

void run_late(void) {
    explore_name_thread("main");
    unsigned which = explore_choose(9);
    world.slow = which < 4 && explore_choose(2);
    if (which < 4)
        released_in_the_last_moment(which % 2);
    else if (which == 4)
        released_too_late(explore_choose(2));
    else if (which == 8)
        dead_one_first(explore_choose(2));
    else if (which > 5)
        on_to_the_next_one(which == 7);
    else
        open_takes_too_long();
    end_pool();
}
