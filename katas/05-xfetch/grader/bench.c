/* SPDX-License-Identifier: MIT */
/* bench.c -- a fixed amount of work, timed from outside.
 *
 *   bench  threads, gets (in all)
 *
 * Every thread asks for one hot key, again and again. The first one moves the
 * clock on every EVERY gets; a value lives for TTL_S, and a load takes LOAD_S of
 * that clock, so all ages of a value are met as often, with some thousand gets
 * each time in which it may be refreshed. Draws come from a generator per thread.
 * Each load has a value of its own, which does not follow from the key.
 *
 * Evidence: `loads`, `wrong_values`, `not_fresh`. */
#include "driver.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "crew.h"
#include "evidence.h"
#include "scenario.h"

#define EVERY 1024
#define STEP_S 0.01
#define TTL_S 60.0
#define LOAD_S 0.05
#define KEY 42

struct user {
    uint64_t wrong_values, not_fresh;
};

static struct {
    struct xfetch_cache *cache;
    struct user *users;
    uint64_t gets_each, secret;
    char apart[128];
    _Atomic double now_s;
    char apart_too[128];
    _Atomic uint64_t loads;
} b;

static _Thread_local struct rng own;

static double now(void *world) {
    (void)world;
    return atomic_load_explicit(&b.now_s, memory_order_relaxed);
}

static double uniform(void *world) {
    (void)world;
    return unit(&own);
}

static void pass(double seconds) {
    double now_s = atomic_load_explicit(&b.now_s, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&b.now_s, &now_s, now_s + seconds, memory_order_relaxed,
                                                  memory_order_relaxed))
        continue; /* a clock that went back would break the contract */
}

static uint64_t value_of(uint64_t load) {
    return b.secret ^ load * 0x9e3779b97f4a7c15u;
}

/* The key's last load, or one of the two before: the get may have begun long ago. */
static bool is_recent(uint64_t value) {
    uint64_t last = atomic_load_explicit(&b.loads, memory_order_relaxed);
    return value == value_of(last) || (last > 1 && value == value_of(last - 1)) ||
           (last > 2 && value == value_of(last - 2));
}

static bool load(void *world, uint64_t key, uint64_t *value, double *ttl_s) {
    (void)world, (void)key;
    *value = value_of(atomic_fetch_add_explicit(&b.loads, 1, memory_order_relaxed) + 1);
    pass(LOAD_S);
    *ttl_s = TTL_S;
    return true;
}

static void use(uint64_t number) {
    struct user seen = {0};
    own = rng_new(1, number);
    for (uint64_t i = 0; i < b.gets_each; i++) {
        uint64_t value = 0;
        if (number == 0 && i % EVERY == 0) pass(STEP_S);
        seen.not_fresh += xfetch_get(b.cache, KEY, &value) != XFETCH_FRESH;
        seen.wrong_values += !is_recent(value);
    }
    b.users[number] = seen; /* once: users lie side by side */
}

void bench(uint64_t seed) {
    struct rng secrets = rng_new(seed, 0); /* and else the same work every time */
    b.secret = rng_next(&secrets);
    uint64_t threads = scenario_param("threads"), wrong_values = 0, not_fresh = 0;
    b.users = calloc(threads, sizeof *b.users);
    atomic_store_explicit(&b.now_s, 1000, memory_order_relaxed);
    b.cache = new_cache(1024, 1, (struct xfetch_env){now, uniform, load, NULL});
    b.gets_each = scenario_param("gets") / threads;
    crew_join(crew_start(threads, use));
    for (uint64_t i = 0; i < threads; i++) wrong_values += b.users[i].wrong_values, not_fresh += b.users[i].not_fresh;
    xfetch_free(b.cache);
    evidence_count("loads", atomic_load_explicit(&b.loads, memory_order_relaxed));
    evidence_count("wrong_values", wrong_values);
    evidence_count("not_fresh", not_fresh);
    free(b.users);
}
