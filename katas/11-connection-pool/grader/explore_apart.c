/* SPDX-License-Identifier: MIT */
/* explore_apart.c -- while one call is in open, close or alive, others go on.
 *
 *   apart  somebody's open, close or alive ends only when others have acquired and
 *          released what is there; each of them asks for the stats */
#include "explored.h"

#include <semaphore.h>

static sem_t inside, done;
static const char *failure; /* while it waits for `done` */
static bool stopped;

static void stop_here(void) {
    if (stopped) return;
    stopped = true;
    sem_post(&inside);
    explore_wait_for(failure);
    sem_wait(&done);
    explore_wait_for(NULL);
}

static void stop_and_look(int number) {
    (void)number;
    stats();
    stop_here();
}

static void stop_in_open(void) {
    stop_and_look(NOBODY);
}

static void *acquire_and_release(void *unused) {
    enum conn_status status;
    explore_name_thread("slow caller");
    int number = acquire(&status);
    if (status == CONN_OK) release(number, false);
    return unused;
}

static void *release_broken(void *number) {
    explore_name_thread("slow caller");
    release((int)(intptr_t)number, true);
    return NULL;
}

static void *tend_slowly(void *unused) {
    explore_name_thread("slow keeper");
    tend();
    return unused;
}

/* Starts `slow`, which gets as far as the callback. */
static pthread_t start_slow(void *(*slow)(void *), void *argument) {
    pthread_t thread;
    pthread_create(&thread, NULL, slow, argument);
    explore_wait_for("one call should open, close or look at a connection, and does not");
    sem_wait(&inside);
    explore_wait_for(NULL);
    return thread;
}

static void *wait_and_release(void *unused) {
    explore_name_thread("waiter");
    release(acquire_ok("another caller has released its connection"), false);
    return unused;
}

/* The slow one is in its callback, and nobody else runs. */
static void check_slow_one(size_t opening) {
    struct conn_stats s = stats();
    if (s.idle != 0 || s.opening != opening || s.in_use != 2 - opening)
        explore_fail(
            "one connection is a caller's, another one is being %s: conn_pool_stats answers open %zu, idle %zu, "
            "in_use %zu, opening %zu, not in_use %zu, opening %zu",
            opening ? "opened" : "looked at or closed", s.open, s.idle, s.in_use, s.opening, 2 - opening, opening);
}

/* The slow one is in its callback: `opening` is 1 if that is open. `mine` is released, and taken by this thread again,
 * or by one that waits for it. */
static void go_on_with(int mine, pthread_t slow, size_t opening, bool somebody_waits) {
    pthread_t waiter;
    if (somebody_waits) {
        int answers = answers_so_far();
        pthread_create(&waiter, NULL, wait_and_release, NULL);
        await_waiting(1, answers);
    }
    check_slow_one(opening);
    release(mine, false);
    if (somebody_waits)
        pthread_join(waiter, NULL);
    else
        release(acquire_ok("a connection is idle"), false);
    sem_post(&done);
    pthread_join(slow, NULL);
}

static struct pool_limits two(size_t idle_min, uint64_t idle_timeout_s) {
    return (struct pool_limits){2, idle_min, 9, FOREVER, 0, idle_timeout_s * NS_PER_S};
}

static void beside_an_open(bool by_tend) {
    failure = by_tend
                  ? "while conn_pool_tend opens a connection, another one is released, and calls do not go on with it"
                  : "while one caller opens a connection, another one is released, and calls do not go on with it";
    open_pool(two(by_tend, 0));
    int mine = acquire_ok("nobody else has called");
    world.opening = stop_in_open;
    world.failing = (int)explore_choose(2);
    pthread_t slow = start_slow(by_tend ? tend_slowly : acquire_and_release, NULL);
    go_on_with(mine, slow, 1, explore_choose(2));
}

/* Each opens its own. */
static void beside_another_open(void) {
    failure = "while one caller opens a connection, there is room for another one, and a second caller does not return";
    open_pool(two(0, 0));
    world.opening = stop_in_open;
    pthread_t slow = start_slow(acquire_and_release, NULL);
    go_on_with(acquire_ok("there is room for two"), slow, 1, false);
}

static void beside_a_close(void) {
    failure = "while one caller's broken connection is closed, another one is released, and calls do not go on with it";
    open_pool(two(0, 0));
    int mine = acquire_ok("nobody else has called");
    int broken = acquire_ok("there is room for two");
    world.closing = stop_and_look;
    pthread_t slow = start_slow(release_broken, (void *)(intptr_t)broken);
    go_on_with(mine, slow, 0, explore_choose(2));
}

static void beside_a_closing_tend(void) {
    failure = "while conn_pool_tend closes a connection, another one is released, and calls do not go on with it";
    open_pool(two(0, 50));
    int mine = acquire_ok("nobody else has called");
    release(acquire_ok("there is room for two"), false);
    sleep_s(100);
    world.closing = stop_and_look;
    pthread_t slow = start_slow(tend_slowly, NULL);
    go_on_with(mine, slow, 0, explore_choose(2));
}

static void beside_a_look(void) {
    failure =
        "while alive looks at a connection for one caller, another one is released, and calls do not go on with it";
    open_pool(two(0, 0));
    int mine = acquire_ok("nobody else has called");
    release(acquire_ok("there is room for two"), false);
    world.looking = stop_and_look;
    pthread_t slow = start_slow(acquire_and_release, NULL);
    go_on_with(mine, slow, 0, explore_choose(2));
}

void run_apart(void) {
    explore_name_thread("main");
    sem_init(&inside, 0, 0);
    sem_init(&done, 0, 0);
    switch (explore_choose(6)) {
    case 0:
    case 1:
        beside_an_open(explore_choose(2));
        break;
    case 5:
        beside_another_open();
        break;
    case 2:
        beside_a_close();
        break;
    case 3:
        beside_a_closing_tend();
        break;
    default:
        beside_a_look();
    }
    world = (struct world){0};
    end_pool();
    sem_destroy(&inside);
    sem_destroy(&done);
}
