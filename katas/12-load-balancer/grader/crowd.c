/* SPDX-License-Identifier: MIT */
/* crowd.c -- many threads pick, and end what they have picked.
 *
 *   crowd  threads, rounds (each), backends
 *
 * Once for each policy. At first two threads by turns, with one backend. Then each thread holds a few requests at a
 * time; one in eight fails, one call in sixteen says of a backend that it is up, which forgets failures. The clock goes
 * on by itself. When all have ended, all failures are forgotten, and there is a pick more for each backend, on a
 * balancer on which nothing is active.
 *
 * Evidence: `picks`; `nobody`, answers of -1; `strangers`, answers that are no backend; `allocations`
 * between new and free; the rows `rests`: the policy, and how many `different` backends the picks at
 * the end got. */
#include <stdatomic.h>

#include "crew.h"
#include "driver.h"
#include "evidence.h"
#include "heap.h"
#include "rng.h"
#include "scenario.h"

enum { HELD = 4, POLICIES = 6, TURNS = 16 };
#define TICK_NS 1000000

EVIDENCE_ROW(rest, policy, different);

static struct {
    uint64_t seed, rounds, backends;
    struct balancer *lb;
    _Atomic uint64_t picks, nobody, strangers, now, draws;
} c;

static uint64_t add(_Atomic uint64_t *count, uint64_t n) {
    return atomic_fetch_add_explicit(count, n, memory_order_relaxed);
}

static uint64_t tick(void *world) {
    (void)world;
    return add(&c.now, TICK_NS);
}

static uint64_t draw(void *world) {
    (void)world;
    struct rng rng = rng_new(c.seed, add(&c.draws, 1));
    return rng_next(&rng);
}

static int pick_one(struct rng *rng) {
    uint64_t client = rng_below(rng, 64);
    int backend = lb_pick(c.lb, &client, sizeof client);
    add(&c.picks, 1);
    if (backend == -1) add(&c.nobody, 1);
    if (backend < -1 || backend >= (int)c.backends) add(&c.strangers, 1), backend = -1;
    return backend;
}

static void use_all(uint64_t me) {
    struct rng rng = rng_new(c.seed, me);
    int held[HELD] = {-1, -1, -1, -1};
    for (uint64_t i = 0; i < c.rounds + HELD; i++) {
        int *slot = &held[i % HELD];
        if (*slot >= 0) lb_done(c.lb, *slot, rng_below(&rng, 8) == 0);
        *slot = i < c.rounds ? pick_one(&rng) : -1;
        if (rng_below(&rng, 16) == 0) lb_set_up(c.lb, (int)rng_below(&rng, c.backends), true);
    }
}

/* Two threads and one backend: each ends its request when the other one has picked since. */
static void use_one(uint64_t me, uint64_t turn) {
    static int held[2];
    if (turn % 4 < 2)
        held[me] = lb_pick(c.lb, "client", 6);
    else if (held[me] == 0)
        lb_done(c.lb, 0, false);
}

static void use_by_turns(enum lb_policy policy) {
    c.lb = new_balancer(policy, 1, 1, (struct lb_env){tick, draw, NULL});
    crew_take_turns(2, TURNS, use_one);
    lb_free(c.lb);
}

static uint64_t picks_at_rest(void) {
    uint64_t seen = 0, different = 0;
    for (uint64_t i = 0; i < c.backends; i++) lb_set_up(c.lb, (int)i, true);
    for (uint64_t i = 0; i < c.backends; i++) {
        int backend = lb_pick(c.lb, "client", 6);
        if (backend >= 0) seen |= UINT64_C(1) << (backend % 64);
    }
    for (; seen; seen &= seen - 1) different++;
    return different;
}

void crowd(uint64_t seed) {
    struct rest rests[POLICIES];
    uint64_t allocations = 0;
    c.seed = seed;
    c.rounds = scenario_param("rounds"), c.backends = scenario_param("backends");
    for (uint64_t policy = 0; policy < POLICIES; policy++) {
        use_by_turns((enum lb_policy)policy);
        c.lb = new_balancer((enum lb_policy)policy, c.backends, 1, (struct lb_env){tick, draw, NULL});
        struct crew *threads = crew_start(scenario_param("threads"), use_all);
        uint64_t taken = heap_allocations();
        crew_join(threads);
        rests[policy] = (struct rest){policy, picks_at_rest()};
        allocations += heap_allocations() - taken;
        lb_free(c.lb);
        evidence_progress();
    }
    evidence_count("picks", c.picks);
    evidence_count("nobody", c.nobody);
    evidence_count("strangers", c.strangers);
    evidence_count("allocations", allocations);
    evidence_rows("rests", rest, rests, POLICIES);
}
