/* SPDX-License-Identifier: MIT
 *
 * futex_semaphore.c -- a semaphore in one word: units above, and in bit 0 whether anybody may sleep. Whoever has got
 * the unit may free it, although the other's up has not returned.
 *
 * planted 1 (use_after_free): up looks whether anybody waits once the unit can be had (glibc 12674)
 * planted 2 (all_asleep): up forgets the other sleepers: it wakes one, and nobody notes that there are more
 * planted 3 (all_asleep): down expects what it finds, which may be a unit
 * planted 4 (property): a down that timed out counts as one
 * planted 5 (race|property): a down that was interrupted counts as timed out
 * planted 6 (property): a deadline counted from now
 * planted 7 (property): up calls the kernel although nobody waits
 * planted 8 (uninitialized_read): the deadline was never set
 * planted 9 (all_asleep): of two halves of one word, up reads who waits before it adds the unit */
#include "explore.h"
#include "futex.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#ifndef PLANTED
#define PLANTED 0
#endif

enum { SLEEPERS = 1, UNIT = 2, NS_PER_MS = 1000000 };

struct semaphore {
    _Atomic uint32_t word, waiters;
};

static bool try_down(struct semaphore *s) {
    uint32_t now = atomic_load_explicit(&s->word, memory_order_relaxed);
    while (now >= UNIT)
        if (atomic_compare_exchange_weak_explicit(&s->word, &now, now - UNIT, memory_order_acquire,
                                                  memory_order_relaxed))
            return true;
    return false;
}

static int sleep_on(struct semaphore *s, const uint64_t *deadline_ns) {
    uint32_t now = atomic_fetch_or_explicit(&s->word, SLEEPERS, memory_order_relaxed);
    if (PLANTED == 3) return futex_wait(&s->word, now | SLEEPERS, deadline_ns);
    return futex_wait(&s->word, SLEEPERS, deadline_ns);
}

static bool down_until(struct semaphore *s, const uint64_t *deadline_ns) {
    atomic_fetch_add_explicit(&s->waiters, 1, memory_order_relaxed);
    while (!try_down(s)) {
        int answer = sleep_on(s, deadline_ns);
        if (PLANTED == 4 && answer == -ETIMEDOUT) return true;
        if (PLANTED == 5 && answer == -EINTR) return false;
        if (answer == -ETIMEDOUT) return try_down(s);
    }
    atomic_fetch_sub_explicit(&s->waiters, 1, memory_order_relaxed);
    return true;
}

static void up(struct semaphore *s) {
    uint32_t now = atomic_load_explicit(&s->word, memory_order_relaxed), next;
    do next = (now & ~(uint32_t)SLEEPERS) + UNIT;
    while (!atomic_compare_exchange_weak_explicit(&s->word, &now, next, memory_order_release, memory_order_relaxed));
    bool slept = now & SLEEPERS;
    if (PLANTED == 1) slept |= atomic_load_explicit(&s->waiters, memory_order_relaxed) > 0;
    if (PLANTED == 7) slept = true;
    if (slept) futex_wake(&s->word, PLANTED == 2 ? 1 : INT_MAX);
}

static struct semaphore *semaphore;
static int given; /* plain */

static void *give(void *unused) {
    given = 1;
    up(semaphore);
    return unused;
}

/* The one who takes the unit is the last user. */
static void run_last_user(void) {
    pthread_t thread;
    semaphore = calloc(1, sizeof *semaphore);
    pthread_create(&thread, NULL, give, NULL);
    down_until(semaphore, NULL);
    if (!given) explore_fail("a unit without what came before it");
    free(semaphore);
    semaphore = NULL;
    pthread_join(thread, NULL);
}

static void *take(void *unused) {
    down_until(semaphore, NULL);
    return unused;
}

static void run_units(void) {
    pthread_t threads[2];
    semaphore = calloc(1, sizeof *semaphore);
    struct explore_futex_calls before = explore_futex_calls();
    up(semaphore);
    down_until(semaphore, NULL);
    if (explore_futex_calls().wakes != before.wakes) explore_fail("up calls the kernel although nobody waits");
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, take, NULL);
    if (explore_choose(2)) explore_wait_idle(0); /* both sleep */
    for (int i = 0; i < 2; i++) up(semaphore);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    free(semaphore);
    semaphore = NULL;
}

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void *give_in_vain(void *unused) {
    up(semaphore);
    down_until(semaphore, NULL);
    return unused;
}

/* Units are kept, whichever of a down and its deadline comes first; no down gives up early. */
static void run_deadline(void) {
    pthread_t thread;
    semaphore = calloc(1, sizeof *semaphore);
    uint64_t *deadline = malloc(sizeof *deadline), begun = now_ns();
    if (PLANTED != 8) *deadline = (PLANTED == 6 ? 0 : begun) + NS_PER_MS;
    pthread_create(&thread, NULL, give_in_vain, NULL);
    bool got = down_until(semaphore, deadline);
    uint64_t waited = now_ns() - begun;
    if (!got && waited < NS_PER_MS) explore_fail("down gave up after %d ns of a million", (int)waited);
    if (got) up(semaphore);
    pthread_join(thread, NULL);
    if (try_down(semaphore)) explore_fail("a unit too many");
    free(semaphore);
    free(deadline);
    semaphore = NULL;
}

/* glibc's own since 2.21: units in the lower half of 64 bits, on which threads sleep, and how many wait in the upper.
 */
static _Atomic uint64_t halves;
static const uint64_t waiter = UINT64_C(1) << 32;

static _Atomic uint32_t *lower_half(void) {
    return (_Atomic uint32_t *)(void *)&halves;
}

static void up_halves(void) {
    uint64_t before = PLANTED == 9 ? atomic_load_explicit(&halves, memory_order_relaxed) : 0;
    uint64_t then = atomic_fetch_add_explicit(&halves, 1, memory_order_release);
    if ((PLANTED == 9 ? before : then) >= waiter) futex_wake(lower_half(), 1);
}

static void down_halves(void) {
    uint64_t now = atomic_fetch_add_explicit(&halves, waiter, memory_order_relaxed) + waiter;
    for (;;) {
        if (!(uint32_t)now) {
            futex_wait(lower_half(), 0, NULL);
            now = atomic_load_explicit(&halves, memory_order_relaxed);
        } else if (atomic_compare_exchange_weak_explicit(&halves, &now, now - waiter - 1, memory_order_acquire,
                                                         memory_order_relaxed)) {
            return;
        }
    }
}

static void *take_of_halves(void *unused) {
    down_halves();
    if (!given) explore_fail("a unit without what came before it");
    return unused;
}

static void run_halves(void) {
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, take_of_halves, NULL);
    given = 1;
    for (int i = 0; i < 2; i++) up_halves();
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
}

static void *take_for_a_while(void *unused) {
    uint64_t deadline = now_ns() + NS_PER_MS;
    if (down_until(semaphore, &deadline)) up(semaphore);
    return unused;
}

/* A unit comes while one waits with a deadline and another without: the second one gets it. */
static void run_two_waits(void) {
    pthread_t threads[2];
    semaphore = calloc(1, sizeof *semaphore);
    pthread_create(&threads[0], NULL, take_for_a_while, NULL);
    pthread_create(&threads[1], NULL, take, NULL);
    up(semaphore);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    free(semaphore);
    semaphore = NULL;
}

const struct explore_scenario explore_scenarios[] = {{"units", run_units},       {"last_user", run_last_user},
                                                     {"deadline", run_deadline}, {"two_waits", run_two_waits},
                                                     {"halves", run_halves},     {NULL, NULL}};
