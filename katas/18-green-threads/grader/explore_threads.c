/* SPDX-License-Identifier: MIT */
/* explore_threads.c -- starting, joining and yielding under the schedule explorer.
 *
 *   traffic  threads that yield and start others, on two workers; joined before their end, behind it, and
 *            not at all. Then a second green_run
 *   small    a thread that yields once and is joined: every schedule with two preemptions
 *   memory   allocations and thread creations fail
 *   together as many green threads as workers, of which none goes on before all are there; a worker may be refused */
#include "explored.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHILDREN = 2, GRANDCHILD = 7 };

static int handed[CHILDREN], done[CHILDREN], grandchild_ran; /* plain: go and join order them */

static void grandchild(void *number) {
    if (*(int *)number != GRANDCHILD) explore_fail("a green thread is given another argument");
    grandchild_ran++;
}

/* `turns` lies on the green thread's stack, and its address is known elsewhere. */
static void take_turns(int *turns) {
    ++*turns;
    green_yield();
    ++*turns;
}

static void child(void *number) {
    int me = *(int *)number, turns = 0;
    if (handed[me] != me + 10) explore_fail("a green thread does not see what was done before its start");
    struct green *other = me == 0 ? go(grandchild, GRANDCHILD) : NULL;
    take_turns(&turns);
    if (turns != 2 || *(int *)number != me) explore_fail("a green thread's stack has changed while it yielded");
    if (other) green_join(other);
    done[me] = turns;
}

static void first_of_traffic(void) {
    struct green *children[CHILDREN];
    for (int i = 0; i < CHILDREN; i++) {
        handed[i] = i + 10;
        children[i] = go(child, i);
        if (!children[i]) explore_fail("green_go answers NULL, and there is memory");
    }
    if (explore_choose(2)) green_yield();
    for (int i = 0; i < CHILDREN; i++) {
        green_join(children[i]);
        if (done[i] != 2) explore_fail("green_join returns before its thread has ended");
    }
    if (grandchild_ran != 1) explore_fail("a green thread ran %d times", grandchild_ran);
    go(grandchild, GRANDCHILD); /* never joined */
}

static void first_again(void) {
    go(grandchild, GRANDCHILD);
    green_yield();
}

void run_traffic(void) {
    run_green(2, first_of_traffic);
    if (grandchild_ran != 2) explore_fail("green_run returns, and a thread that nobody joined has not run");
    run_green(1 + explore_choose(2), first_again);
    if (grandchild_ran != 3) explore_fail("a second green_run does not run all threads");
}

static void one_yield(void *number) {
    int turns = 0;
    take_turns(&turns);
    done[*(int *)number] = turns;
}

static void first_of_small(void) {
    struct green *thread = go(one_yield, 0);
    green_join(thread);
    if (done[0] != 2) explore_fail("green_join returns before its thread has ended");
}

void run_small(void) {
    run_green(2, first_of_small);
}

static int ran;

static void count(void *unused) {
    (void)unused;
    ran++;
}

/* A failed start has changed nothing: what can be started runs. */
static void first_of_memory(void *arg) {
    (void)arg;
    ran = 1;
    for (int i = 0; i < 3; i++) {
        int before = ran;
        struct green *thread = green_go(count, NULL);
        if (thread) green_join(thread);
        int times = ran - before;
        if (times != (thread != NULL))
            explore_fail("green_go answers %s, and the thread ran %d times", thread ? "one" : "NULL", times);
    }
    struct chan *c = chan_new(3);
    chan_free(c);
}

/* The lowest one that is free. */
static int next_descriptor(void) {
    int ends[2];
    make_sockets(ends);
    close(ends[0]), close(ends[1]);
    return ends[0];
}

void run_memory(void) {
    int next = next_descriptor();
    explore_fail_malloc(2);
    explore_fail_threads(1);
    int answer = green_run(2, first_of_memory, NULL);
    if (answer == 0 && ran == 0) explore_fail("green_run answers 0, and its first thread has not run");
    if (answer > 0) explore_fail("green_run answers %d, not 0 or a negative error number", answer);
    if (answer < 0 && ran != 0) explore_fail("green_run answers %d, and its first thread has run", answer);
    if (next_descriptor() != next) explore_fail("green_run answers %d, and leaves a descriptor open", answer);
}

/* --- together --- */

enum { TOGETHER = 3 };

static int there;
static bool refused; /* perhaps */

EXPLORE_QUIET static void note_there(void) {
    there++;
}

EXPLORE_QUIET static bool all_there(void) {
    return there == TOGETHER;
}

/* Makes no call of the library's while it waits: so each needs a worker of its own. */
static void meet(void *unused) {
    (void)unused;
    note_there();
    explore_wait_for(
        refused ? "the kernel may refuse a worker, green_run(3, ...) runs on, and three green threads that can "
                  "run do not run at the same time"
                : "on three workers, three green threads that can run do not run at the same time");
    while (!all_there()) explore_yield();
    explore_wait_for(NULL);
}

static void first_of_together(void *arg) {
    struct green *others[TOGETHER - 1];
    for (int i = 0; i < TOGETHER - 1; i++) others[i] = green_go(meet, NULL);
    meet(arg);
    for (int i = 0; i < TOGETHER - 1; i++) green_join(others[i]);
}

void run_together(void) {
    refused = explore_choose(2);
    if (refused) explore_fail_threads(1);
    int answer = green_run(TOGETHER, first_of_together, NULL);
    if (answer > 0) explore_fail("green_run answers %d, not 0 or a negative error number", answer);
    if (answer < 0 && there > 0) explore_fail("green_run answers %d, and its first thread has run", answer);
    if (answer == 0 && !all_there()) explore_fail("green_run answers 0, and %d of 3 threads have run", there);
}
