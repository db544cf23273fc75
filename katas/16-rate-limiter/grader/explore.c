/* SPDX-License-Identifier: MIT
 *
 * explore.c -- the traffic of kata 16 under the schedule explorer.
 *
 *   traffic   threads that ask for a key that owes, for a new one, and for the full one whose place that takes
 *   small     a key that owes, beside a new one: small enough for an exhaustive search
 *   windows   two threads, one call to be had
 *
 * Time stands still, so that what each key may get is known; at its end the moment at which a bucket is full needs more
 * than 64 bits. Which numbers the keys have, and which of two comes first,
 * is chosen: a table puts some of them into one chain, the full one before the one that owes or behind it. Counts lie
 * in quiet functions and order nothing. */
#include "explore.h"
#include "limiter.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#define SECOND UINT64_C(1000000000)
#define BURST 3
#define OWED 2  /* whole tokens of the key that owes */
#define SETS 12 /* of keys */

enum key { OWING, FULL, NEW, KEYS };

static const char *const names[] = {"the key that owes", "the key that was full", "the new key"};
static uint64_t now;
static struct limiter *shared;
static struct window *counted;
static unsigned got[KEYS + 1];
static uint64_t numbers[KEYS];

EXPLORE_QUIET static void gets(unsigned key) {
    got[key]++;
}

EXPLORE_QUIET static unsigned got_of(unsigned key) {
    return got[key];
}

/* Of the keys only the one that owes is promised that nobody has to be waited for. */
static void ask(enum key key) {
    if (key == OWING) explore_lock_free_begin("limiter_allow, for a key that owes");
    bool allowed = limiter_allow(shared, numbers[key], 1, now, NULL);
    if (key == OWING) explore_lock_free_end();
    if (key == OWING && !allowed) explore_fail("%s is refused one of its 2 tokens", names[key]);
    if (allowed) gets(key);
}

static void take_full(void) {
    limiter_allow(shared, numbers[FULL], 1, 0, NULL); /* full again at 1 s */
}

static void open_limiter(size_t keys_max) {
    unsigned set = explore_choose(SETS);
    now = explore_choose(2) ? UINT64_MAX - SECOND : 10 * SECOND;
    bool full_first = explore_choose(2) == 0;
    for (enum key key = OWING; key < KEYS; key++) numbers[key] = set * KEYS + key;
    shared = limiter_new(1, BURST, keys_max);
    if (!shared) explore_fail("limiter_new answers NULL although there is memory");
    if (full_first) take_full();
    limiter_allow(shared, numbers[OWING], 1, now - SECOND / 2, NULL); /* has 2 1/2 tokens now */
    if (!full_first) take_full();
}

static void check_exact(enum key key, unsigned due) {
    while (got_of(key) <= due && limiter_allow(shared, numbers[key], 1, now, NULL)) gets(key);
    if (got_of(key) != due)
        explore_fail("%s got %u tokens at one moment, all calls together: it had %u", names[key], got_of(key), due);
}

/* With room for both the full key and the new one each gets its burst; else the one that came first does. */
static void close_limiter(bool room) {
    check_exact(OWING, OWED);
    bool full = got_of(FULL) > 0, new = got_of(NEW) > 0;
    if (!room && full && new)
        explore_fail("the key that was full and the new key both got tokens, beside the one that owes: keys_max is 2");
    if (!room && !full && !new)
        explore_fail("neither the key that was full nor the new key got a token, though there is room for one of them");
    if (full || room) check_exact(FULL, BURST);
    if (new || room) check_exact(NEW, BURST);
    limiter_free(shared);
}

static void *ask_owing(void *unused) {
    explore_name_thread("owes");
    ask(OWING);
    return unused;
}

static void *ask_full(void *unused) {
    explore_name_thread("was full");
    ask(FULL);
    if (explore_choose(2)) ask(FULL);
    return unused;
}

static void *ask_new(void *unused) {
    explore_name_thread("new");
    ask(NEW);
    return unused;
}

static void run_traffic(void) {
    pthread_t threads[3];
    bool room = explore_choose(2);
    open_limiter(room ? 3 : 2);
    pthread_create(&threads[0], NULL, ask_new, NULL);
    pthread_create(&threads[1], NULL, ask_full, NULL);
    pthread_create(&threads[2], NULL, ask_owing, NULL);
    if (explore_choose(2)) ask(OWING);
    if (explore_choose(2)) ask(NEW);
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    close_limiter(room);
}

static void run_small(void) {
    pthread_t thread;
    open_limiter(2);
    pthread_create(&thread, NULL, ask_new, NULL);
    ask(OWING);
    pthread_join(thread, NULL);
    close_limiter(false);
}

static void *count_one(void *unused) {
    if (window_allow(counted, 7, 10 * SECOND, NULL)) gets(KEYS);
    return unused;
}

static void run_windows(void) {
    pthread_t thread;
    counted = window_new(1, 64, 1);
    if (!counted) explore_fail("window_new answers NULL although there is memory");
    pthread_create(&thread, NULL, count_one, NULL);
    count_one(NULL);
    pthread_join(thread, NULL);
    if (got_of(KEYS) != 1) explore_fail("two threads asked at one moment, with limit 1: %u were allowed", got_of(KEYS));
    window_free(counted);
}

const struct explore_scenario explore_scenarios[] = {
    {"traffic", run_traffic}, {"small", run_small}, {"windows", run_windows}, {NULL, NULL}};
