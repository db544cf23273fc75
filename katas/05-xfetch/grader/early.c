/* SPDX-License-Identifier: MIT */
/* early.c -- when values are refreshed, in virtual time, on one thread.
 *
 *   early  beta_thousandths, refreshes
 *
 * Again and again a value is loaded, with a delta of its own, left alone until
 * some random part of its life is left, and asked for once. Nine times in ten
 * that part is less than NEAR * beta * delta, else between FAR and FAR_MOST.
 * Ends with the given number of refreshes among the near ones, or after TRIES.
 *
 * Evidence: `ahead`, for each near refresh what was left of the value's life, in
 * billionths of beta * delta; `near`, `far`, `far_refreshes`, `draws_most` (in
 * one get).
 *
 *   hour   clients, period_ms, load_ms, ttl_ms, seconds
 *
 * So many clients ask for one key, each every period_ms on average, at times
 * without memory (Poisson). A client that asks while a load runs is served when
 * it has ended; with more than one thread it would have been served the old value.
 *
 * Evidence: `gets`, `loads`; `late_loads`, begun when the value had expired;
 * `ahead_us`, what was left of the value's life at each of the other loads;
 * `longest_wait_us`, for a late load. */
#include "driver.h"

#include <math.h>
#include <stdlib.h>

#include "evidence.h"
#include "scenario.h"

#define NEAR 10.0
#define FAR 40.5
#define FAR_MOST 60.0
#define TTL 100.0 /* in beta * delta */
#define TRIES 600000
#define KEY 7

static struct {
    uint64_t *ahead, refreshes, near, far, far_refreshes, draws_most;
} e;

/* Loads the value anew and waits until `left` * beta * delta are left. */
static void age(struct xfetch_cache *cache, struct world *w, double beta, double left) {
    uint64_t value;
    w->load_s = 0.25 + unit(&w->rng);
    w->ttl_s = TTL * beta * w->load_s;
    w->now_s += 1e4; /* the one before has expired */
    (void)xfetch_get(cache, KEY, &value);
    w->now_s += w->ttl_s - left * beta * w->load_s;
}

static void try_once(struct xfetch_cache *cache, struct world *w, double beta, struct rng *choice) {
    uint64_t value;
    bool near = rng_below(choice, 10) > 0;
    double left = near ? NEAR * unit(choice) : FAR + (FAR_MOST - FAR) * unit(choice);
    age(cache, w, beta, left);
    uint64_t loads = w->loads, draws = w->draws;
    (void)xfetch_get(cache, KEY, &value);
    bool refreshed = w->loads > loads;
    if (w->draws - draws > e.draws_most) e.draws_most = w->draws - draws;
    e.near += near, e.far += !near;
    if (refreshed && near) e.ahead[e.refreshes++] = (uint64_t)(left * 1e9);
    if (refreshed && !near) e.far_refreshes++;
}

void early(uint64_t seed) {
    uint64_t wanted = scenario_param("refreshes");
    double beta = (double)scenario_param("beta_thousandths") / 1000;
    struct world w = {.now_s = 1000, .rng = rng_new(seed, 0)};
    struct rng choice = rng_new(seed, 1);
    struct xfetch_cache *cache = new_cache(4, beta, world_env(&w));
    e.ahead = calloc(wanted, sizeof *e.ahead);
    for (uint64_t i = 0; i < TRIES && e.refreshes < wanted; i++) try_once(cache, &w, beta, &choice);
    xfetch_free(cache);
    evidence_series("ahead", e.ahead, e.refreshes);
    evidence_count("near", e.near);
    evidence_count("far", e.far);
    evidence_count("far_refreshes", e.far_refreshes);
    evidence_count("draws_most", e.draws_most);
    free(e.ahead);
}

#define LOADS_MAX 100000

static struct {
    uint64_t ahead_us[LOADS_MAX], early, late, gets;
    double longest_wait_s, expiry_s;
} h;

static void ask(struct xfetch_cache *cache, struct world *w, double arrived_s) {
    uint64_t value, loads = w->loads;
    double begun_s = w->now_s;
    h.gets++;
    (void)xfetch_get(cache, KEY, &value);
    if (w->loads == loads) return;
    if (begun_s < h.expiry_s) {
        h.ahead_us[h.early++] = (uint64_t)((h.expiry_s - begun_s) * 1e6);
    } else {
        h.late++;
        h.longest_wait_s = fmax(h.longest_wait_s, w->now_s - arrived_s);
    }
    h.expiry_s = w->now_s + w->ttl_s;
}

void hour(uint64_t seed) {
    double seconds = (double)scenario_param("seconds"), arrival_s = 1000;
    double gap_s = (double)scenario_param("period_ms") / 1000 / (double)scenario_param("clients");
    struct world w = {.now_s = arrival_s, .rng = rng_new(seed, 2)};
    struct rng arrivals = rng_new(seed, 3);
    w.load_s = (double)scenario_param("load_ms") / 1000, w.ttl_s = (double)scenario_param("ttl_ms") / 1000;
    struct xfetch_cache *cache = new_cache(4, 1, world_env(&w));
    ask(cache, &w, arrival_s);
    h.late = 0, h.longest_wait_s = 0; /* the very first one had nothing to be early for */
    while (arrival_s < 1000 + seconds && w.loads < LOADS_MAX) {
        arrival_s -= gap_s * log(1 - unit(&arrivals));
        w.now_s = fmax(w.now_s, arrival_s);
        ask(cache, &w, arrival_s);
    }
    xfetch_free(cache);
    evidence_count("gets", h.gets);
    evidence_count("loads", w.loads);
    evidence_count("late_loads", h.late);
    evidence_series("ahead_us", h.ahead_us, h.early);
    evidence_count("longest_wait_us", (uint64_t)(h.longest_wait_s * 1e6));
}
