/* SPDX-License-Identifier: MIT */
/* abreast.c -- loads of many keys that end only when all of them run.
 *
 *   abreast  threads, rounds, capacity
 *
 * In each round every thread asks for a new key of its own, any 64 bits. A load
 * ends when that of every other thread has begun. When none has begun for
 * PATIENCE_MS of real time, they never will: that round is the last.
 *
 * Before that, loads beside gets of keys that are nearly the same (alike.c).
 *
 * Evidence: `most`, loads at a time, in the last round; `wrong`, answers other
 * than XFETCH_FRESH with the value of the key; and what alike.c says. */
#include "driver.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "crew.h"
#include "evidence.h"
#include "gate.h"
#include "scenario.h"

#define PATIENCE_MS 5000

static struct {
    struct xfetch_cache *cache;
    struct gate gate;
    uint64_t seed, threads, rounds;
    _Atomic uint64_t begun, wrong; /* in all rounds */
} a;

static double now(void *world) {
    (void)world;
    return 1000;
}

static double uniform(void *world) {
    (void)world;
    return 0.999;
}

static uint64_t begun(void) {
    return atomic_load_explicit(&a.begun, memory_order_relaxed);
}

static void wait_1_ms(void) {
    nanosleep(&(struct timespec){0, 1000000}, NULL);
}

static bool load(void *world, uint64_t key, uint64_t *value, double *ttl_s) {
    (void)world;
    uint64_t number = atomic_fetch_add_explicit(&a.begun, 1, memory_order_relaxed);
    while (begun() < (number / a.threads + 1) * a.threads) wait_1_ms();
    *value = world_value(key);
    *ttl_s = 100;
    return true;
}

static void use(uint64_t number) {
    struct rng keys = rng_new(a.seed, number);
    for (uint64_t round = 0; round < a.rounds; round++) {
        uint64_t key = rng_next(&keys), value = 0;
        gate_pass(&a.gate);
        bool right = xfetch_get(a.cache, key, &value) == XFETCH_FRESH && value == world_value(key);
        atomic_fetch_add_explicit(&a.wrong, !right, memory_order_relaxed);
        gate_pass(&a.gate);
    }
}

static void report(uint64_t most) {
    evidence_count("most", most);
    evidence_count("wrong", atomic_load_explicit(&a.wrong, memory_order_relaxed));
}

/* Returns when all loads of this round have begun; or ends the process. */
static void watch_round(uint64_t round) {
    uint64_t all = (round + 1) * a.threads, before = begun();
    for (int waited_ms = 0; begun() < all; waited_ms++) {
        wait_1_ms();
        if (begun() > before) before = begun(), waited_ms = 0;
        if (waited_ms < PATIENCE_MS) continue;
        report(begun() - round * a.threads);
        evidence_end(); /* threads hang */
    }
}

void abreast(uint64_t seed) {
    a.seed = seed, a.threads = scenario_param("threads"), a.rounds = scenario_param("rounds");
    if (!alike(seed)) {
        report(0);
        evidence_end();
    }
    a.cache = new_cache(scenario_param("capacity"), 1, (struct xfetch_env){now, uniform, load, NULL});
    gate_init(&a.gate, a.threads + 1);
    struct crew *users = crew_start(a.threads, use);
    for (uint64_t round = 0; round < a.rounds; round++) {
        gate_pass(&a.gate);
        watch_round(round);
        gate_pass(&a.gate);
        evidence_progress();
    }
    crew_join(users);
    xfetch_free(a.cache);
    report(a.threads);
    gate_destroy(&a.gate);
}
