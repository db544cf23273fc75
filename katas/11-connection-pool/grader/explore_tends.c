/* SPDX-License-Identifier: MIT */
/* explore_tends.c -- housekeeping by several threads, and beside callers.
 *
 *   tends  two threads tend an empty pool, or one in which all is past its time, or
 *          tend it while somebody acquires */
#include "explored.h"

static void *tend_too(void *unused) {
    explore_name_thread("keeper");
    tend();
    return unused;
}

static void tend_at_once(void) {
    pthread_t keeper;
    pthread_create(&keeper, NULL, tend_too, NULL);
    tend();
    pthread_join(keeper, NULL);
}

static void open_together(void) {
    open_pool((struct pool_limits){3, 2, 9, FOREVER, 0, 0});
    tend_at_once();
    if (opens_so_far() != 2)
        explore_fail(
            "nothing was idle, idle_min is 2, two threads were in conn_pool_tend, and %d connections were opened",
            opens_so_far());
    check_stats("two threads have tended an empty pool; idle_min is 2", 2, 0);
}

static void fill(int numbers[], int count) {
    for (int i = 0; i < count; i++) numbers[i] = acquire_ok("there is room");
    for (int i = 0; i < count; i++) release(numbers[i], false);
}

static void close_together(void) {
    int numbers[3];
    size_t idle_min = explore_choose(3);
    open_pool((struct pool_limits){3, idle_min, 9, FOREVER, 0, 50 * NS_PER_S});
    fill(numbers, 3);
    sleep_s(100);
    tend_at_once();
    if (closes_so_far() != 3 - (int)idle_min)
        explore_fail(
            "3 were idle for too long, idle_min is %zu, two threads were in conn_pool_tend, and %d connections "
            "were closed",
            idle_min, closes_so_far());
    check_stats("two threads have tended a pool in which all had been idle for too long", idle_min, 0);
}

static void renew_together(void) {
    int numbers[2];
    open_pool((struct pool_limits){2, 1, 9, FOREVER, 50 * NS_PER_S, 0});
    fill(numbers, 2);
    sleep_s(100);
    tend_at_once();
    if (exists(numbers[0]) || exists(numbers[1]))
        explore_fail(
            "two idle connections are past their lifetime, two threads have tended, and one of them is still there");
    check_stats("two threads have tended a pool in which all were past their lifetime; idle_min is 1", 1, 0);
}

static void *acquire_once(void *unused) {
    explore_name_thread("caller");
    enum conn_status status;
    int number = acquire(&status);
    if (status == CONN_FAILED && world.may_fail) return unused;
    if (status != CONN_OK) explore_fail("somebody tends, and a caller is answered %s", status_name(status));
    release(number, false);
    return unused;
}

/* The keeper has the only place when the caller comes. */
static void tend_beside_a_caller(void) {
    pthread_t caller;
    open_pool((struct pool_limits){1, 1, 9, FOREVER, 50 * NS_PER_S, 0});
    if (explore_choose(2)) {
        fill((int[1]){0}, 1);
        sleep_s(100);
    }
    world.may_fail = explore_choose(2);
    pthread_create(&caller, NULL, acquire_once, NULL);
    tend_at_once();
    pthread_join(caller, NULL);
    check_stats("a caller and two keepers have returned", (size_t)(opens_so_far() - closes_so_far()), 0);
}

void run_tends(void) {
    explore_name_thread("main");
    world.slow = explore_choose(2);
    switch (explore_choose(4)) {
    case 0:
        open_together();
        break;
    case 1:
        close_together();
        break;
    case 2:
        renew_together();
        break;
    default:
        tend_beside_a_caller();
    }
    end_pool();
}
