/* SPDX-License-Identifier: MIT */
/* explore_time.c -- timeouts in virtual time.
 *
 *   timing    a caller waits, while somebody sets the clock, others come and go, or it
 *             gets a connection after half of its time
 *   sleeping  a caller waits for some years */
#include "explored.h"

#define LATE_NS NS_PER_S            /* how much later than asked for a timeout may come */
#define LONG_NS (UINT64_C(1) << 62) /* 146 years: virtual time need not go further */
#define HOUR_S 3600u

static struct pool_limits one(uint64_t timeout_ns, size_t waiters_max) {
    return (struct pool_limits){1, 0, waiters_max, timeout_ns, 0, 0};
}

static void check_timeout(uint64_t begun_ns, uint64_t timeout_ns, bool late_too) {
    uint64_t waited = now_ns() - begun_ns;
    if (waited < (timeout_ns < LONG_NS ? timeout_ns : LONG_NS))
        explore_fail("conn_acquire with a timeout of %llu ns answers CONN_TIMEOUT after %llu ns",
                     (unsigned long long)timeout_ns, (unsigned long long)waited);
    if (late_too && waited > timeout_ns + LATE_NS)
        explore_fail("conn_acquire with a timeout of %llu s, woken now and then, answers CONN_TIMEOUT only after %llu "
                     "s; the time counts from the call",
                     (unsigned long long)(timeout_ns / NS_PER_S), (unsigned long long)(waited / NS_PER_S));
}

struct disturber {
    int number;
    uint64_t release_after_ns;
    long step_s;
};

static void *disturb(void *argument) {
    const struct disturber *d = argument;
    explore_name_thread("clock");
    if (d->step_s) explore_step_realtime(d->step_s);
    if (!d->release_after_ns) return NULL;
    nanosleep(&(struct timespec){(time_t)(d->release_after_ns / NS_PER_S), (long)(d->release_after_ns % NS_PER_S)},
              NULL);
    release(d->number, false);
    return NULL;
}

/* `d` has the only connection. */
static void wait_beside(struct disturber *d, uint64_t timeout_ns) {
    pthread_t thread;
    enum conn_status status;
    pthread_create(&thread, NULL, disturb, d);
    uint64_t begun = now_ns();
    int number = acquire(&status);
    if (status == CONN_TIMEOUT)
        check_timeout(begun, timeout_ns, timeout_ns < 2 * NS_PER_S);
    else if (status != CONN_OK)
        explore_fail("a caller waits, and is answered %s", status_name(status));
    pthread_join(thread, NULL);
    if (status == CONN_OK) release(number, false);
    if (!d->release_after_ns) release(d->number, false);
}

static void wait_with_a_timeout(void) {
    static const uint64_t timeouts[] = {20000000,  0, 1, 1500000000, 999999999, 7200000000000, (uint64_t)INT64_MAX + 1,
                                        UINT64_MAX};
    static const long steps[] = {0, 3600, -3600};
    uint64_t timeout = timeouts[explore_choose(8)];
    struct disturber d = {0, 0, steps[explore_choose(3)]};
    if (timeout > 86400 * NS_PER_S)
        d.release_after_ns = HOUR_S * NS_PER_S; /* an hour is not yet 292 years */
    else if (explore_choose(2))
        d.release_after_ns = timeout / 2;
    open_pool((struct pool_limits){1, 1, 1, timeout, 0, 0});
    tend(); /* what is idle can be had with any timeout */
    d.number = acquire_ok("a connection is idle");
    wait_beside(&d, timeout);
    release(acquire_ok("a connection is idle"), false);
}

static uint64_t both_wait_ns; /* of quiet functions: a time at which both waited, or had waited */

EXPLORE_QUIET static void note_both_wait(uint64_t at_ns) {
    both_wait_ns = at_ns;
}

EXPLORE_QUIET static void check_second(uint64_t end_ns) {
    uint64_t most_ns = 2 * HOUR_S * NS_PER_S;
    if (both_wait_ns && end_ns > both_wait_ns + most_ns + LATE_NS)
        explore_fail("a waiter with a timeout of 2 hours, woken now and then, is answered CONN_TIMEOUT after more than "
                     "%llu s; the time counts from the call",
                     (unsigned long long)((end_ns - both_wait_ns) / NS_PER_S));
}

static void *wait_two_hours(void *second) {
    enum conn_status status;
    explore_name_thread(second ? "second waiter" : "first waiter");
    uint64_t begun = now_ns();
    acquire(&status);
    if (status != CONN_TIMEOUT)
        explore_fail("nobody releases the connection, and a waiter is answered %s", status_name(status));
    check_timeout(begun, 2 * HOUR_S * NS_PER_S, false);
    if (second) check_second(now_ns()); /* no sleep ends later than its own, so nothing passes the time after that */
    return NULL;
}

/* The second one has waited for half of its time when the first one leaves. In between, whoever looks at the stats may
 * find it awake for no reason. */
static void wait_among_waiters(void) {
    static int second;
    pthread_t waiters[2];
    open_pool(one(2 * HOUR_S * NS_PER_S, 9));
    int number = acquire_ok("nobody else has called"), answers = answers_so_far();
    uint64_t begun = now_ns();
    pthread_create(&waiters[0], NULL, wait_two_hours, NULL);
    await_waiting(1, answers);
    sleep_until(begun + HOUR_S * NS_PER_S);
    pthread_create(&waiters[1], NULL, wait_two_hours, &second);
    await_waiting(2, answers);
    note_both_wait(now_ns());
    sleep_until(begun + HOUR_S * 3 / 2 * NS_PER_S);
    for (int i = 0; i < 9; i++) stats();
    for (int i = 0; i < 2; i++) pthread_join(waiters[i], NULL);
    check_stats("all waiters have returned", 0, 1);
    release(number, false);
}

/* Nobody else does anything meanwhile, so no time passes. */
static void be_refused(void) {
    enum conn_status status;
    open_pool(one(HOUR_S * NS_PER_S, 0));
    int number = acquire_ok("nobody else has called");
    uint64_t begun = now_ns();
    acquire(&status);
    if (status != CONN_BUSY)
        explore_fail("waiters_max is 0, nothing is free, and conn_acquire answers %s", status_name(status));
    if (now_ns() - begun > NS_PER_S) explore_fail("CONN_BUSY comes not at once: the caller waited");
    release(number, false);
}

void run_timing(void) {
    unsigned which = explore_choose(16);
    explore_name_thread("main");
    if (which == 15)
        be_refused();
    else if (which >= 12)
        wait_among_waiters();
    else
        wait_with_a_timeout();
    end_pool();
}

static void *wait_for_ever(void *unused) {
    explore_name_thread("waiter");
    release(acquire_ok("the connection was released after some years"), false);
    return unused;
}

/* A timer of anybody's, had it only an hour to run, would not come to the end of all these days
 * within the explorer's steps. Days, since the explorer may let a whole sleep pass at once. */
void run_sleeping(void) {
    pthread_t waiter;
    explore_name_thread("main");
    open_pool(one(FOREVER, 1));
    int number = acquire_ok("nobody else has called"), answers = answers_so_far();
    pthread_create(&waiter, NULL, wait_for_ever, NULL);
    await_waiting(1, answers);
    for (int day = 0; day < 1000; day++) sleep_s(86400);
    release(number, false);
    pthread_join(waiter, NULL);
    end_pool();
}
