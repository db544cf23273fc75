/* SPDX-License-Identifier: MIT */
/* herd.c -- many threads meet the same expiry.
 *
 *   herd  threads, few, rounds
 *
 * In each round the clock has passed the expiry of the key, or the key is a new
 * one, every KEY_ROUNDS rounds. All threads ask for it at once. In every
 * DOWN_ROUNDS-th round the origin is down, and only the first `few` ask. A load
 * ends LOAD_NS of real time after the last thread has come, which is plenty for
 * those few to be waiting.
 *
 * Evidence: `loads`, by round; by round and thread the rows `answers`, with the
 * number of the load whose value it got, successful ones counted over all
 * rounds from 1; 0 for anything else, and for a thread that did not ask. */
#include "driver.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "crew.h"
#include "evidence.h"
#include "gate.h"
#include "pace.h"
#include "scenario.h"

#define LOAD_NS 300000
#define TTL_S 60
#define DOWN_ROUNDS 4
#define KEY_ROUNDS 8

EVIDENCE_ROW(answer, result, version);

static struct {
    struct xfetch_cache *cache;
    struct gate gate;
    uint64_t seed, threads, few, rounds, key;
    bool down;
    _Atomic uint64_t now_s, loads, brought, asking, expected; /* to have asked by the end of the round */
    struct answer *answers;
} h;

static double now(void *world) {
    (void)world;
    return (double)atomic_load_explicit(&h.now_s, memory_order_relaxed);
}

/* No get is early: this is about values that have expired. */
static double uniform(void *world) {
    (void)world;
    return 0.999;
}

static void await_everybody(void) {
    uint64_t all = atomic_load_explicit(&h.expected, memory_order_relaxed);
    while (atomic_load_explicit(&h.asking, memory_order_relaxed) < all) sched_yield();
    nanosleep(&(struct timespec){0, LOAD_NS}, NULL);
}

static bool load(void *world, uint64_t key, uint64_t *value, double *ttl_s) {
    (void)world;
    atomic_fetch_add_explicit(&h.loads, 1, memory_order_relaxed);
    await_everybody();
    if (h.down) return false;
    *value = key << 32 | (atomic_fetch_add_explicit(&h.brought, 1, memory_order_relaxed) + 1);
    *ttl_s = TTL_S;
    return true;
}

static void ask(uint64_t at) {
    uint64_t value = 0;
    atomic_fetch_add_explicit(&h.asking, 1, memory_order_relaxed);
    h.answers[at].result = xfetch_get(h.cache, h.key, &value);
    h.answers[at].version = value >> 32 == h.key ? value & UINT32_MAX : 0;
}

static void ask_each_round(uint64_t me) {
    pace_unsteady(h.seed, me);
    for (uint64_t round = 0; round < h.rounds; round++) {
        gate_pass(&h.gate);
        if (!h.down || me < h.few) ask(round * h.threads + me);
        gate_pass(&h.gate);
    }
}

static void play_rounds(uint64_t *loads) {
    uint64_t before = 0;
    for (uint64_t round = 0; round < h.rounds; round++) {
        h.key = 1 + (round + 1) / KEY_ROUNDS; /* its first round is one in which the origin is down */
        h.down = round % DOWN_ROUNDS == DOWN_ROUNDS - 1;
        atomic_fetch_add_explicit(&h.expected, h.down ? h.few : h.threads, memory_order_relaxed);
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
    h.seed = seed, h.rounds = scenario_param("rounds");
    h.threads = scenario_param("threads"), h.few = scenario_param("few");
    uint64_t answers = h.threads * h.rounds;
    uint64_t *loads = calloc(h.rounds, sizeof *loads);
    h.answers = calloc(answers, sizeof *h.answers);
    atomic_store_explicit(&h.now_s, 1000, memory_order_relaxed);
    h.cache = new_cache(64, 1, (struct xfetch_env){now, uniform, load, NULL});
    gate_init(&h.gate, h.threads + 1);
    struct crew *crew = crew_start(h.threads, ask_each_round);
    play_rounds(loads);
    crew_join(crew);
    xfetch_free(h.cache);
    evidence_series("loads", loads, h.rounds);
    evidence_rows("answers", answer, h.answers, answers);
    gate_destroy(&h.gate);
    free(loads), free(h.answers);
}
