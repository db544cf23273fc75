/* SPDX-License-Identifier: MIT */
/* herd.c -- everybody meets the same expiry.
 *
 *   herd  threads, expiries
 *
 * In each round the clock has passed the expiry of the one key, or, every third
 * round, the key is a new one. All threads ask for it at once. A load takes LOAD_NS
 * of real time, which is plenty for all of them to arrive.
 *
 * Evidence: `loads`, by round; by round and thread `results` and `versions`: the
 * number of the load whose value it got, counted over all rounds from 1; 0 for
 * anything else. */
#include "driver.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "evidence.h"
#include "gate.h"
#include "pace.h"
#include "scenario.h"

#define LOAD_NS 300000
#define TTL_S 60

static struct {
    struct xfetch_cache *cache;
    struct gate gate;
    uint64_t seed, threads, expiries, key;
    _Atomic uint64_t now_s, loads;
    uint64_t *results, *versions;
} h;

static double now(void *world) {
    (void)world;
    return (double)atomic_load_explicit(&h.now_s, memory_order_relaxed);
}

/* Nobody is early: this is about those who are late. */
static double uniform(void *world) {
    (void)world;
    return 0.999;
}

static bool load(void *world, uint64_t key, uint64_t *value, double *ttl_s) {
    (void)world;
    uint64_t number = atomic_fetch_add_explicit(&h.loads, 1, memory_order_relaxed) + 1;
    nanosleep(&(struct timespec){0, LOAD_NS}, NULL);
    *value = key << 32 | number;
    *ttl_s = TTL_S;
    return true;
}

static void *ask(void *argument) {
    uint64_t me = *(uint64_t *)argument;
    pace_unsteady(h.seed, me);
    for (uint64_t round = 0; round < h.expiries; round++) {
        uint64_t at = round * h.threads + me, value = 0;
        gate_pass(&h.gate);
        h.results[at] = xfetch_get(h.cache, h.key, &value);
        h.versions[at] = value >> 32 == h.key ? value & UINT32_MAX : 0;
        gate_pass(&h.gate);
    }
    return NULL;
}

static void play_rounds(uint64_t *loads) {
    uint64_t before = 0;
    for (uint64_t round = 0; round < h.expiries; round++) {
        h.key = 1 + round / 3;
        atomic_fetch_add_explicit(&h.now_s, TTL_S, memory_order_relaxed);
        gate_pass(&h.gate);
        gate_pass(&h.gate);
        uint64_t now = atomic_load_explicit(&h.loads, memory_order_relaxed);
        loads[round] = now - before;
        before = now;
        evidence_progress();
    }
}

void herd(uint64_t seed) {
    h.seed = seed, h.threads = scenario_param("threads"), h.expiries = scenario_param("expiries");
    uint64_t answers = h.threads * h.expiries;
    uint64_t *loads = calloc(h.expiries, sizeof *loads), *number = calloc(h.threads, sizeof *number);
    pthread_t *thread = calloc(h.threads, sizeof *thread);
    h.results = calloc(answers, sizeof *h.results), h.versions = calloc(answers, sizeof *h.versions);
    atomic_store_explicit(&h.now_s, 1000, memory_order_relaxed);
    h.cache = new_cache(64, 1, (struct xfetch_env){now, uniform, load, NULL});
    gate_init(&h.gate, h.threads + 1);
    for (uint64_t i = 0; i < h.threads; i++) {
        number[i] = i;
        thread[i] = gate_thread(ask, &number[i]);
    }
    play_rounds(loads);
    for (uint64_t i = 0; i < h.threads; i++) pthread_join(thread[i], NULL);
    xfetch_free(h.cache);
    evidence_series("loads", loads, h.expiries);
    evidence_series("results", h.results, answers);
    evidence_series("versions", h.versions, answers);
    gate_destroy(&h.gate);
    free(loads), free(number), free(thread), free(h.results), free(h.versions);
}
