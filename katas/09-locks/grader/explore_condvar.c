/* SPDX-License-Identifier: MIT */
/* explore_condvar.c -- waiters and signals.
 *
 *   tokens     waiters that each wait for a token; a signal for each, with the mutex or without
 *   meanwhile  one waits; a signal comes while another begins to wait: one of them must return; a broadcast: the first
 *   itself     one waits; another signals, and begins to wait itself: the first must return
 *   deadline   one waits with a deadline, one without; one signal comes: it is spent on one of them
 *   again      one waits again and again; a broadcast comes: it does not wake whoever comes later on and on
 *   stolen     one waits, and a signal comes; two more begin to wait, and a second signal comes: the first must return
 *   in_turn    three begin to wait, one after another, and a signal comes after each: all return
 */
#include "explore.h"
#include "explored.h"
#include "locks.h"

#include <pthread.h>

enum { MOST = 3, SOON_NS = 1000, AGAIN = 6, FEW = 3 };

static struct {
    struct cond cond;
    struct mutex mutex;
    int tokens;
    uint64_t deadline_ns;
} s;

/* What the driver knows. Quiet functions only. */
static struct {
    int begun, returned[MOST + 1], answer[MOST + 1];
} seen;

EXPLORE_QUIET static void note_begun(void) {
    seen.begun++;
}

/* How many have begun to wait? With the mutex. */
EXPLORE_QUIET static int begun(void) {
    return seen.begun;
}

EXPLORE_QUIET static void note(long number, int answer) {
    seen.returned[number] = 1, seen.answer[number] = answer;
}

EXPLORE_QUIET static int returned(long number) {
    return seen.returned[number];
}

EXPLORE_QUIET static int answered(long number) {
    return seen.answer[number];
}

static void *take_token(void *unused) {
    mutex_lock(&s.mutex);
    while (s.tokens == 0) cond_wait(&s.cond, &s.mutex);
    s.tokens--;
    mutex_unlock(&s.mutex);
    return unused;
}

static void bring_token(bool inside) {
    mutex_lock(&s.mutex);
    s.tokens++;
    if (inside) cond_signal(&s.cond);
    mutex_unlock(&s.mutex);
    if (!inside) cond_signal(&s.cond);
}

static void tokens(void) {
    pthread_t threads[MOST];
    int count = 1 + (int)explore_choose(2);
    for (int i = 0; i < count; i++) pthread_create(&threads[i], NULL, take_token, NULL);
    for (int i = 0; i < count; i++) bring_token(explore_choose(2));
    for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
}

/* For the exhaustive search: two waiters, a signal for each. */
void explore_condvar_small(void) {
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, take_token, NULL);
    for (int i = 0; i < 2; i++) bring_token(false);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
}

static void *wait_once(void *number) {
    mutex_lock(&s.mutex);
    note_begun();
    cond_wait(&s.cond, &s.mutex);
    note((long)number, 1);
    mutex_unlock(&s.mutex);
    return NULL;
}

static void *wait_until(void *number) {
    mutex_lock(&s.mutex);
    note_begun();
    bool answer = cond_wait_until(&s.cond, &s.mutex, s.deadline_ns);
    if (!answer) check_not_early("cond_wait_until", s.deadline_ns);
    note((long)number, answer);
    mutex_unlock(&s.mutex);
    return NULL;
}

/* Until so many wait: whoever notes it gives the mutex back by waiting. */
static void await_begun(int count) {
    for (bool wait = true; wait;) {
        mutex_lock(&s.mutex);
        wait = begun() < count;
        mutex_unlock(&s.mutex);
        if (wait) explore_yield();
    }
}

static void *signal_once(void *unused) {
    cond_signal(&s.cond);
    return unused;
}

static void *broadcast_once(void *unused) {
    cond_broadcast(&s.cond);
    return unused;
}

/* All that wait still: each broadcast ends those that wait. */
static void release_all(pthread_t threads[], int count) {
    for (int i = 0; i < count; i++) {
        explore_wait_idle(0);
        cond_broadcast(&s.cond);
    }
    for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
}

/* `call` comes while a second one begins to wait. */
static void meanwhile(void *(*call)(void *), bool all) {
    pthread_t threads[3];
    pthread_create(&threads[0], NULL, wait_once, (void *)0L);
    explore_wait_idle(0);
    pthread_create(&threads[1], NULL, call, NULL);
    pthread_create(&threads[2], NULL, wait_once, (void *)1L);
    explore_wait_idle(0);
    if (!returned(0) && (all || !returned(1)))
        explore_fail("a thread waited, another one began to wait, and %s came: %s",
                     all ? "cond_broadcast" : "cond_signal", all ? "the first waits still" : "both wait still");
    release_all(threads, 3);
}

static void *signal_and_wait(void *number) {
    mutex_lock(&s.mutex);
    cond_signal(&s.cond);
    cond_wait(&s.cond, &s.mutex);
    note((long)number, 1);
    mutex_unlock(&s.mutex);
    return NULL;
}

static void itself(void) {
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, wait_once, (void *)0L);
    if (explore_choose(2)) explore_wait_idle(0);
    mutex_lock(&s.mutex);
    bool waits = begun() > 0;
    mutex_unlock(&s.mutex);
    pthread_create(&threads[1], NULL, signal_and_wait, (void *)1L);
    explore_wait_idle(0);
    if (waits && !returned(0))
        explore_fail(
            "a thread waited; another one called cond_signal, and then cond_wait itself: the first waits still");
    release_all(threads, 2);
}

static void deadline(void) {
    pthread_t threads[2];
    s.deadline_ns = clock_ns() + (explore_choose(2) ? 0 : SOON_NS);
    pthread_create(&threads[0], NULL, wait_until, (void *)0L);
    pthread_create(&threads[1], NULL, wait_once, (void *)1L);
    if (explore_choose(2)) explore_wait_idle(0);
    mutex_lock(&s.mutex);
    bool both = begun() == 2;
    mutex_unlock(&s.mutex);
    cond_signal(&s.cond);
    explore_wait_idle(0);
    bool spent = returned(1) || (returned(0) && answered(0));
    if (both && !spent)
        explore_fail("two threads waited, and cond_signal was called: the one with a deadline answered false, and the "
                     "other waits still");
    release_all(threads, 2);
}

static void *wait_again(void *unused) {
    mutex_lock(&s.mutex);
    for (int i = 0; i < AGAIN && s.tokens == 0; i++) {
        note_begun();
        cond_wait(&s.cond, &s.mutex);
    }
    mutex_unlock(&s.mutex);
    return unused;
}

/* Two waits may end with one broadcast: the second has begun between its count and its wake. */
static void again(void) {
    pthread_t thread;
    explore_no_interruptions();
    pthread_create(&thread, NULL, wait_again, NULL);
    explore_wait_idle(0);
    cond_broadcast(&s.cond);
    int ended = begun() - 1;
    mutex_lock(&s.mutex);
    s.tokens = 1;
    mutex_unlock(&s.mutex);
    release_all(&thread, 1);
    if (ended >= FEW)
        explore_fail(
            "a thread waited, and began to wait again whenever it was woken: one cond_broadcast woke it %d times",
            ended);
}

static void stolen(void) {
    pthread_t threads[3];
    pthread_create(&threads[0], NULL, wait_once, (void *)0L);
    explore_wait_idle(0);
    cond_signal(&s.cond);
    for (long i = 1; i < 3; i++) pthread_create(&threads[i], NULL, wait_once, (void *)i);
    if (explore_choose(2)) explore_yield();
    cond_signal(&s.cond);
    explore_wait_idle(0);
    if (!returned(0))
        explore_fail("a thread waited alone when cond_signal was called; two more began to wait, and cond_signal was "
                     "called again: the first waits still");
    release_all(threads, 3);
}

/* However long the first takes to return, it does so by its own signal, not by that of one that came later. */
static void in_turn(void) {
    pthread_t threads[3];
    int waiting = 0;
    for (long i = 0; i < 3; i++) {
        pthread_create(&threads[i], NULL, wait_once, (void *)i);
        await_begun((int)i + 1);
        cond_signal(&s.cond);
    }
    explore_wait_idle(0);
    for (long i = 0; i < 3; i++) waiting += !returned(i);
    if (waiting > 0)
        explore_fail("three threads began to wait one after another, and cond_signal was called after each had begun: "
                     "%d of them %s still",
                     waiting, waiting == 1 ? "waits" : "wait");
    release_all(threads, 3);
}

void explore_condvar(void) {
    unsigned way = explore_choose(8);
    if (way == 0) tokens();
    if (way == 1) meanwhile(signal_once, false);
    if (way == 2) meanwhile(broadcast_once, true);
    if (way == 3) itself();
    if (way == 4) deadline();
    if (way == 5) again();
    if (way == 6) stolen();
    if (way == 7) in_turn();
}
