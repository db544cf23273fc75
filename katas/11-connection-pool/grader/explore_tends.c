/* SPDX-License-Identifier: MIT */
/* explore_tends.c -- housekeeping by several threads, and beside callers.
 *
 *   tends  two threads tend an empty pool, or one in which all is past its time, or
 *          tend it while somebody acquires; one tends it while a caller's open goes on */
#include "explored.h"

#include <semaphore.h>

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

static sem_t inside, done;

static void stop_in_open(void) {
    world.opening = NULL; /* the next one is the keeper's */
    sem_post(&inside);
    sem_wait(&done);
}

/* What a caller opens is the caller's, and no spare. */
static void tend_beside_an_open(void) {
    pthread_t caller;
    open_pool((struct pool_limits){2, 1, 9, FOREVER, 0, 0});
    sem_init(&inside, 0, 0), sem_init(&done, 0, 0);
    world.opening = stop_in_open;
    pthread_create(&caller, NULL, acquire_once, NULL);
    explore_wait_for("a caller comes to an empty pool, and nothing is opened");
    sem_wait(&inside);
    explore_wait_for("a caller opens a connection, and conn_pool_tend does not return before that has ended");
    tend();
    explore_wait_for(NULL);
    if (opens_so_far() != 1)
        explore_fail("a caller opens a connection for itself, nothing is idle, idle_min is 1, size_max is 2, and "
                     "conn_pool_tend opens %d",
                     opens_so_far());
    sem_post(&done);
    pthread_join(caller, NULL);
    check_stats("a caller and a keeper have returned", 2, 0);
    sem_destroy(&inside), sem_destroy(&done);
}

void run_tends(void) {
    explore_name_thread("main");
    world.slow = explore_choose(2);
    switch (explore_choose(5)) {
    case 0:
        open_together();
        break;
    case 1:
        close_together();
        break;
    case 2:
        renew_together();
        break;
    case 3:
        tend_beside_an_open();
        break;
    default:
        tend_beside_a_caller();
    }
    end_pool();
}
