/* SPDX-License-Identifier: MIT */
/* explore_order.c -- one connection, and callers known to have come one after another.
 *
 *   order    two wait, then the connection or its place becomes free in one of seven
 *            ways, then a third one calls
 *   failing  opens fail: who is told, who is next, and what is left */
#include "explored.h"

enum { WAITERS = 2, NEWCOMER = WAITERS, CALLERS };

static pthread_t waiters[WAITERS];
static bool breaks, lined_up;
static const char *const names[CALLERS] = {"first waiter", "second waiter", "newcomer"};

static int served[CALLERS], served_count; /* of quiet functions */

EXPLORE_QUIET static void note_served(int who) {
    for (int i = 0; i < served_count; i++)
        if (served[i] > who)
            explore_fail("the %s is served before the %s, who was waiting already when it called", names[served[i]],
                         names[who]);
    served[served_count++] = who;
}

static void call_and_release(int who) {
    enum conn_status status;
    int number = acquire(&status);
    if (status != CONN_OK && status != CONN_FAILED)
        explore_fail("the %s is answered %s; it has 584 years, and the pool is open", names[who], status_name(status));
    if (status == CONN_FAILED && !failures_so_far())
        explore_fail("the %s is answered CONN_FAILED, and no open has failed", names[who]);
    if (status != CONN_OK) return;
    note_served(who);
    release(number, breaks);
}

static void *wait_in_line(void *who) {
    explore_name_thread(names[(intptr_t)who]);
    call_and_release((int)(intptr_t)who);
    return NULL;
}

static void line_up(void) {
    if (lined_up) return;
    int answers = answers_so_far();
    lined_up = true;
    for (intptr_t i = 0; i < WAITERS; i++) {
        pthread_create(&waiters[i], NULL, wait_in_line, (void *)i);
        await_waiting((size_t)i + 1, answers);
    }
}

static void line_up_at_close(int number) {
    (void)number;
    line_up();
}

static struct pool_limits one(size_t idle_min, uint64_t lifetime_s, uint64_t idle_timeout_s) {
    return (struct pool_limits){1, idle_min, WAITERS + 1, FOREVER, lifetime_s * NS_PER_S, idle_timeout_s * NS_PER_S};
}

/* The first one's, whose connection they wait for. */
static int take_first(struct pool_limits limits) {
    open_pool(limits);
    return acquire_ok("nobody else has called");
}

static void after_a_release(bool broken, uint64_t lifetime_s) {
    int number = take_first(one(0, lifetime_s, 0));
    sleep_s(100);
    line_up();
    release(number, broken);
}

static void after_a_failed_open(void) {
    enum conn_status status;
    open_pool(one(0, 0, 0));
    world.failing = 1, world.opening = line_up;
    acquire(&status);
    if (status != CONN_FAILED)
        explore_fail("the caller's own open failed, and conn_acquire answers %s", status_name(status));
}

/* The first one finds it dead, and closes it while they come. */
static void after_a_dead_one(void) {
    enum conn_status status;
    int number = take_first(one(0, 0, 0));
    kill_connection(number);
    release(number, false);
    world.closing = line_up_at_close, world.failing = (int)explore_choose(2);
    number = acquire(&status);
    if (status == CONN_OK) release(number, false);
}

static void after_tend_closes(void) {
    release(take_first(one(0, 0, 50)), false);
    sleep_s(100);
    world.closing = line_up_at_close;
    tend();
    if (!lined_up)
        explore_fail("the only connection has been idle for 100 s with an idle_timeout of 50 s and idle_min "
                     "0, and conn_pool_tend does not close it");
}

static void after_tend_opens(void) {
    open_pool(one(1, 0, 0));
    world.opening = line_up, world.failing = (int)explore_choose(2);
    tend();
    if (!lined_up) explore_fail("nothing is idle, idle_min is 1, and conn_pool_tend opens nothing");
}

void run_order(void) {
    explore_name_thread("main");
    breaks = explore_choose(2);
    switch (explore_choose(7)) {
    case 0:
        after_a_release(false, 0);
        break;
    case 1:
        after_a_release(true, 0);
        break;
    case 2:
        after_a_release(false, 50); /* past its lifetime: closed */
        break;
    case 3:
        after_a_failed_open();
        break;
    case 4:
        after_a_dead_one();
        break;
    case 5:
        after_tend_closes();
        break;
    default:
        after_tend_opens();
    }
    call_and_release(NEWCOMER);
    for (int i = 0; i < WAITERS; i++) pthread_join(waiters[i], NULL);
    world = (struct world){0};
    end_pool();
}

static int failed_answers; /* of quiet functions */

EXPLORE_QUIET static void note_failed(void) {
    failed_answers++;
}

EXPLORE_QUIET static void check_failures(void) {
    if (failed_answers != failures_so_far())
        explore_fail("%d opens of callers failed, and %d callers were answered CONN_FAILED", failures_so_far(),
                     failed_answers);
}

static void *call_until_served(void *unused) {
    explore_name_thread("caller");
    for (int i = 0; i < 3; i++) {
        enum conn_status status;
        int number = acquire(&status);
        if (status == CONN_OK) return release(number, breaks), NULL;
        if (status != CONN_FAILED) explore_fail("opens fail, and conn_acquire answers %s", status_name(status));
        note_failed();
    }
    return unused;
}

/* However many have failed, `size` can be had at the same time. */
static void take_all(int size) {
    int numbers[2];
    world.may_fail = false;
    explore_wait_for("opens have failed, all callers have returned, and fewer than size_max connections can be had: a "
                     "caller waits, and nobody has one");
    for (int i = 0; i < size; i++) numbers[i] = acquire_ok("opens have failed before, and no longer do");
    explore_wait_for(NULL);
    for (int i = 0; i < size; i++) release(numbers[i], false);
}

void run_failing(void) {
    pthread_t callers[2];
    int size = 1 + (int)explore_choose(2);
    bool tends = explore_choose(2);
    explore_name_thread("main");
    breaks = explore_choose(2);
    open_pool((struct pool_limits){(size_t)size, tends, 9, FOREVER, 0, 0});
    if (tends) { /* opens fail for nobody */
        world.failing = 1;
        tend();
        if (!failures_so_far()) explore_fail("nothing is idle, idle_min is 1, and conn_pool_tend opens nothing");
        note_failed();
    }
    world.may_fail = true;
    world.slow = explore_choose(2);
    for (int i = 0; i < 2; i++) pthread_create(&callers[i], NULL, call_until_served, NULL);
    call_until_served(NULL);
    for (int i = 0; i < 2; i++) pthread_join(callers[i], NULL);
    check_failures();
    take_all(size);
    end_pool();
}
