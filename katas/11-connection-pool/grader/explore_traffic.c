/* SPDX-License-Identifier: MIT */
/* explore_traffic.c -- callers that come and go.
 *
 *   traffic  two or three callers, one or two connections; opens fail, connections
 *            break and die, somebody tends, somebody looks at the stats; then, perhaps,
 *            one thread releases what another one has acquired
 *   small    two callers and one connection: for exhaustive search */
#include "explored.h"

static bool they_die;

static void use_some(int times) {
    for (int i = 0; i < times; i++) {
        enum conn_status status;
        int number = acquire(&status);
        if (status == CONN_CLOSED) explore_fail("conn_acquire answers CONN_CLOSED, and nobody has closed the pool");
        if (status == CONN_BUSY) explore_fail("conn_acquire answers CONN_BUSY, and waiters_max do not wait");
        if (status == CONN_FAILED && !world.may_fail)
            explore_fail("conn_acquire answers CONN_FAILED, and no open failed");
        if (status == CONN_TIMEOUT) explore_fail("conn_acquire answers CONN_TIMEOUT, and its timeout is 584 years");
        if (status != CONN_OK) continue;
        if (they_die && explore_choose(2)) kill_connection(number);
        release(number, explore_choose(2));
    }
}

static void *call(void *times) {
    explore_name_thread("caller");
    use_some((int)(intptr_t)times);
    return NULL;
}

static void *look(void *unused) {
    explore_name_thread("keeper");
    stats();
    tend();
    stats();
    return unused;
}

/* When all threads have ended, what is there is idle. */
static void check_rest(const char *when) {
    int open = opens_so_far() - closes_so_far();
    check_stats(when, (size_t)open, 0);
}

static void *release_it(void *number) {
    explore_name_thread("another");
    release(*(int *)number, false);
    return NULL;
}

/* Who has acquired a connection need not be the one that releases it. */
static void release_elsewhere(void) {
    pthread_t another;
    world.may_fail = false;
    int number = acquire_ok("all callers have returned");
    pthread_create(&another, NULL, release_it, &number);
    pthread_join(another, NULL);
}

void run_traffic(void) {
    pthread_t callers[2], keeper;
    unsigned second = explore_choose(2), keeps = explore_choose(2);
    explore_name_thread("main");
    world.may_fail = explore_choose(2);
    world.slow = explore_choose(2);
    world.same_addresses = explore_choose(4) > 0;
    they_die = explore_choose(2);
    open_pool((struct pool_limits){1 + explore_choose(2), explore_choose(2), 9, FOREVER, 0, 0});
    for (unsigned i = 0; i <= second; i++) pthread_create(&callers[i], NULL, call, (void *)(intptr_t)2);
    if (keeps) pthread_create(&keeper, NULL, look, NULL);
    use_some(2);
    for (unsigned i = 0; i <= second; i++) pthread_join(callers[i], NULL);
    if (keeps) pthread_join(keeper, NULL);
    check_rest("all callers have returned");
    if (explore_choose(4) == 1) {
        release_elsewhere();
        check_rest("a thread has released what another one had acquired");
    }
    end_pool();
}

static void *call_once(void *unused) {
    explore_name_thread("caller");
    release(acquire_ok("two callers share one connection, without a timeout"), false);
    return unused;
}

void run_small(void) {
    pthread_t caller;
    open_pool((struct pool_limits){1, 0, 1, FOREVER, 0, 0});
    pthread_create(&caller, NULL, call_once, NULL);
    call_once(NULL);
    pthread_join(caller, NULL);
    check_stats("both callers have returned", 1, 0);
    end_pool();
}
