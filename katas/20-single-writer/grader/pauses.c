/* SPDX-License-Identifier: MIT */
/* pauses.c -- the lab's experiment, in virtual time.
 *
 *   pauses  rounds, pause_us (the mean of an exponential distribution), ttl_ms
 *
 * In each round a process acquires the lease, is paused while it works, looks whether the lease is valid, is paused
 * again, and writes. Another one acquires meanwhile if it can, and writes. Evidence, in rounds: `unchecked`, the first
 * one writes after the other; `checked`, it does so although it has looked; `fenced`, the store has accepted that
 * write. */
#include <math.h>

#include "driver.h"
#include "evidence.h"
#include "rng.h"
#include "scenario.h"
#include "world.h"

static struct {
    struct rng rng;
    struct store *store;
    struct client first, second;
    uint64_t unchecked, checked, fenced;
} p;

static uint64_t pause_us(uint64_t mean_us) {
    double uniform = ((double)(rng_next(&p.rng) >> 11) + 1) / 9007199254740992.0;
    return (uint64_t)(-log(uniform) * (double)mean_us);
}

static struct lease_client *client_of(struct client *client) {
    struct lease_env env = world_env(client);
    return client->lease_client = new_client(&env);
}

static bool acquire(struct client *client, int number, uint32_t ttl_ms, struct lease *lease) {
    world_begin_call("jobs", number);
    return lease_acquire(client->lease_client, "jobs", ttl_ms, lease) == 0;
}

static void play(uint64_t mean_us, uint32_t ttl_ms) {
    struct lease lease, other;
    if (!acquire(&p.first, 0, ttl_ms, &lease)) return;
    redis_pass(pause_us(mean_us));
    bool looked = client_now_ns(&p.first) < lease.valid_until_ns;
    redis_pass(pause_us(mean_us));
    bool lost = acquire(&p.second, 1, ttl_ms, &other) && store_write(p.store, other.token, "second", 6);
    p.unchecked += lost;
    p.checked += lost && looked;
    p.fenced += store_write(p.store, lease.token, "first", 5) && lost;
    redis_restart();
}

void pauses(uint64_t seed) {
    uint64_t rounds = scenario_param("rounds"), mean_us = scenario_param("pause_us");
    p.rng = rng_new(seed, 1);
    world_begin();
    p.store = world.store = new_store();
    client_of(&p.first);
    client_of(&p.second);
    for (uint64_t i = 0; i < rounds; i++) play(mean_us, (uint32_t)scenario_param("ttl_ms"));
    evidence_count("unchecked", p.unchecked);
    evidence_count("checked", p.checked);
    evidence_count("fenced", p.fenced);
    lease_client_free(p.first.lease_client);
    lease_client_free(p.second.lease_client);
    store_free(p.store);
    redis_restart();
}
