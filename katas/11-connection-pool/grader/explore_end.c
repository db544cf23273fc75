/* SPDX-License-Identifier: MIT */
/* explore_end.c -- the end of a pool.
 *
 *   closing  a pool is closed while connections are idle, in use, being opened or
 *            looked at, while callers wait, and by two threads at once */
#include "explored.h"

static const char *const CLOSED_WAITER = "conn_pool_close has been called, and a caller that waits is not answered";

static void check_closed(void) {
    enum conn_status status;
    acquire(&status);
    if (status != CONN_CLOSED)
        explore_fail("conn_pool_close has returned, and conn_acquire answers %s", status_name(status));
    tend();
    check_stats("conn_pool_close has returned", 0, 0);
    close_pool();
}

static void *close_too(void *unused) {
    explore_name_thread("closer");
    close_pool();
    return unused;
}

static void *wait_for_the_end(void *unused) {
    enum conn_status status;
    explore_name_thread("waiter");
    acquire(&status);
    if (status != CONN_CLOSED)
        explore_fail("the pool is closed while a caller waits, and it is answered %s", status_name(status));
    return unused;
}

/* What is in use is released only when the waiters have been answered. */
static void close_over_waiters(void) {
    pthread_t waiters[2], closer;
    open_pool((struct pool_limits){1, 0, 9, FOREVER, 0, 0});
    int number = acquire_ok("nobody else has called");
    int answers = answers_so_far();
    for (int i = 0; i < 2; i++) pthread_create(&waiters[i], NULL, wait_for_the_end, NULL);
    await_waiting(2, answers);
    pthread_create(&closer, NULL, close_too, NULL);
    explore_wait_for(CLOSED_WAITER);
    for (int i = 0; i < 2; i++) pthread_join(waiters[i], NULL);
    explore_wait_for(NULL);
    enum conn_status status;
    acquire(&status);
    if (status != CONN_CLOSED)
        explore_fail("a waiter was answered CONN_CLOSED, and a later conn_acquire is answered %s", status_name(status));
    release(number, explore_choose(2));
    pthread_join(closer, NULL);
}

static void *call_until_closed(void *unused) {
    explore_name_thread("caller");
    for (int i = 0; i < 3; i++) {
        enum conn_status status;
        int number = acquire(&status);
        if (status == CONN_CLOSED) return NULL;
        if (status == CONN_OK)
            release(number, explore_choose(2));
        else if (status != CONN_FAILED || !world.may_fail)
            explore_fail("a pool is being closed, and conn_acquire answers %s", status_name(status));
    }
    return unused;
}

static void *tend_on(void *unused) {
    explore_name_thread("keeper");
    tend();
    return unused;
}

/* Anything may be going on. */
static void close_over_traffic(void) {
    pthread_t callers[2], keeper, closer;
    bool keeps = explore_choose(2), both = explore_choose(2);
    world.may_fail = explore_choose(2);
    open_pool((struct pool_limits){1 + explore_choose(2), 1, 9, FOREVER, 0, 0});
    if (explore_choose(2)) tend();
    for (int i = 0; i < 2; i++) pthread_create(&callers[i], NULL, call_until_closed, NULL);
    if (keeps) pthread_create(&keeper, NULL, tend_on, NULL);
    if (both) pthread_create(&closer, NULL, close_too, NULL);
    close_pool();
    for (int i = 0; i < 2; i++) pthread_join(callers[i], NULL);
    if (keeps) pthread_join(keeper, NULL);
    if (both) pthread_join(closer, NULL);
}

static bool closing_begun;
static pthread_t closer;

/* The pool is closed in the middle of an open; this returns when it is known to be. */
static void close_meanwhile(void) {
    if (closing_begun) return;
    closing_begun = true;
    pthread_create(&closer, NULL, close_too, NULL);
    for (int i = 0; i < 30; i++) explore_yield();
}

/* What was being opened, whoever opened it, is closed, or out and closed at its release. */
static void close_over_an_open(bool by_tend) {
    enum conn_status status = CONN_CLOSED;
    open_pool((struct pool_limits){2, by_tend ? 2 : 0, 9, FOREVER, 0, 0});
    world.opening = close_meanwhile;
    world.failing = (int)explore_choose(2);
    if (by_tend)
        tend();
    else {
        int number = acquire(&status);
        if (status == CONN_OK) release(number, false);
    }
    pthread_join(closer, NULL);
}

static void free_at_once(void) {
    open_pool((struct pool_limits){3, 2, 9, FOREVER, 0, 0});
    tend();
    conn_pool_free(NULL);
}

void run_closing(void) {
    explore_name_thread("main");
    world.slow = explore_choose(2);
    switch (explore_choose(6)) {
    case 0:
        free_at_once();
        return end_pool();
    case 1:
        close_over_waiters();
        break;
    case 2:
        close_over_an_open(explore_choose(2));
        break;
    default:
        close_over_traffic();
    }
    world = (struct world){0};
    check_closed();
    end_pool();
}
