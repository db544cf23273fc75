/* SPDX-License-Identifier: MIT */
/* crowd.c -- many threads, more keys than room, an origin that fails now and
 * then, and time that passes.
 *
 *   crowd  threads, gets (each), keys, capacity
 *
 * Every load and every get of the first thread moves the clock on. What threads
 * tell each other here they tell by relaxed operations, so that nothing but the
 * cache orders them.
 *
 * Evidence: `fresh`, `stale`, `failed` (answers), `loads`; `strangers`, values
 * that no load of that key has brought; `touched`, values that were overwritten
 * with XFETCH_FAILED; `most_loads`, of one key at a time; `most_draws` in a get;
 * `held`, values left at the end. */
#include "driver.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sched.h>
#include <stdlib.h>

#include "crew.h"
#include "evidence.h"
#include "pace.h"
#include "scenario.h"

#define KEYS_MAX 64
#define UNTOUCHED UINT64_C(0x5ca1ab1e5ca1ab1e)

struct user {
    uint64_t answers[3], strangers, touched, most_draws;
};

static struct {
    struct xfetch_cache *cache;
    struct user *users;
    uint64_t seed, gets, keys;
    _Atomic uint64_t now_ms, loads[KEYS_MAX], running[KEYS_MAX], most_loads;
    atomic_bool down;
} c;

static _Thread_local struct rng own;
static _Thread_local uint64_t draws;

/* Where others may come between two steps of a get, on one CPU too. Without it
 * a thread is interrupted only after a load, when a lock has just ordered all. */
static void give_way(void) {
    if (rng_below(&own, 4) == 0) sched_yield();
}

static double now(void *world) {
    (void)world;
    give_way();
    return (double)atomic_load_explicit(&c.now_ms, memory_order_relaxed) / 1000;
}

static double uniform(void *world) {
    (void)world;
    draws++;
    give_way();
    return unit(&own);
}

static void note_running(uint64_t running) {
    uint64_t most = atomic_load_explicit(&c.most_loads, memory_order_relaxed);
    while (running > most && !atomic_compare_exchange_weak_explicit(&c.most_loads, &most, running, memory_order_relaxed,
                                                                    memory_order_relaxed))
        continue;
}

static bool load(void *world, uint64_t key, uint64_t *value, double *ttl_s) {
    (void)world;
    uint64_t number = atomic_fetch_add_explicit(&c.loads[key], 1, memory_order_relaxed);
    note_running(atomic_fetch_add_explicit(&c.running[key], 1, memory_order_relaxed) + 1);
    sched_yield();
    atomic_fetch_add_explicit(&c.now_ms, 20, memory_order_relaxed);
    bool fails = atomic_load_explicit(&c.down, memory_order_relaxed) || rng_below(&own, 6) == 0;
    *value = fails ? UNTOUCHED + 1 : key << 32 | number;
    *ttl_s = rng_below(&own, 10) == 0 ? 0 : 0.3;
    atomic_fetch_sub_explicit(&c.running[key], 1, memory_order_relaxed);
    return !fails;
}

static void ask(struct user *user, uint64_t key) {
    uint64_t value = UNTOUCHED;
    draws = 0;
    enum xfetch_result result = xfetch_get(c.cache, key, &value);
    if (draws > user->most_draws) user->most_draws = draws;
    if (result > XFETCH_FAILED) {
        user->strangers++;
        return;
    }
    user->answers[result]++;
    if (result == XFETCH_FAILED)
        user->touched += value != UNTOUCHED;
    else if (value >> 32 != key || (value & UINT32_MAX) >= atomic_load_explicit(&c.loads[key], memory_order_relaxed))
        user->strangers++;
}

static void use(uint64_t number) {
    struct user *user = &c.users[number];
    own = rng_new(c.seed, number);
    pace_unsteady(c.seed, number);
    for (uint64_t i = 0; i < c.gets; i++) {
        uint64_t draw = rng_next(&own), key = draw % (draw >> 40 & 1 ? c.keys : 3);
        if (number == 0) atomic_fetch_add_explicit(&c.now_ms, 5, memory_order_relaxed);
        ask(user, key);
        if (number == 0 && i % 256 == 0) evidence_progress();
    }
}

/* With the origin down nothing more comes in. */
static uint64_t count_held(void) {
    uint64_t held = 0;
    atomic_store_explicit(&c.down, true, memory_order_relaxed);
    for (uint64_t key = 0; key < c.keys; key++) {
        uint64_t value;
        held += xfetch_get(c.cache, key, &value) != XFETCH_FAILED;
    }
    return held;
}

static void report(uint64_t threads) {
    struct user sum = {0};
    uint64_t loads = 0;
    for (const struct user *u = c.users; u < c.users + threads; u++) {
        for (int i = 0; i < 3; i++) sum.answers[i] += u->answers[i];
        sum.strangers += u->strangers, sum.touched += u->touched;
        if (u->most_draws > sum.most_draws) sum.most_draws = u->most_draws;
    }
    for (uint64_t key = 0; key < c.keys; key++) loads += c.loads[key];
    evidence_count("fresh", sum.answers[XFETCH_FRESH]);
    evidence_count("stale", sum.answers[XFETCH_STALE]);
    evidence_count("failed", sum.answers[XFETCH_FAILED]);
    evidence_count("loads", loads);
    evidence_count("strangers", sum.strangers);
    evidence_count("touched", sum.touched);
    evidence_count("most_loads", c.most_loads);
    evidence_count("most_draws", sum.most_draws);
}

void crowd(uint64_t seed) {
    uint64_t threads = scenario_param("threads");
    c.users = calloc(threads, sizeof *c.users);
    c.seed = seed, c.gets = scenario_param("gets"), c.keys = scenario_param("keys");
    atomic_store_explicit(&c.now_ms, 1000, memory_order_relaxed);
    c.cache = new_cache(scenario_param("capacity"), 1, (struct xfetch_env){now, uniform, load, NULL});
    crew_join(crew_start(threads, use));
    report(threads);
    evidence_count("held", count_held());
    xfetch_free(c.cache);
    c.cache = NULL; /* else what it leaks would still be reachable */
    free(c.users);
}
