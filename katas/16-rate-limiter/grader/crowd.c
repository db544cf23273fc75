/* SPDX-License-Identifier: MIT */
/* crowd.c -- many threads ask for the same keys at once.
 *
 *   crowd       threads, burst, rounds
 *   crowd_room  threads, calls (each)
 *
 * crowd: time stands still, and threads take from KEYS keys until nothing is left; then the same of windows. In each
 * round other objects. Only the gates order one thread before another.
 *
 * crowd_room: threads ask for more keys than there is room for, with times of a clock that they move on together; each
 * is late by a time of its own, now and then.
 *
 * Evidence: the rows `sums`, what all threads together got of each key, `of` a limiter (0) or a window (1); the rows
 * `taken`, each call that was allowed; `calls`. */
#include <stdatomic.h>
#include <stdlib.h>

#include "crew.h"
#include "driver.h"
#include "evidence.h"
#include "gate.h"
#include "pace.h"
#include "rng.h"
#include "scenario.h"

#define KEYS 3
#define NOW_NS UINT64_C(1764000000000000000)

EVIDENCE_ROW(sum, of, key, got);

static struct {
    uint64_t seed, threads, burst, rounds;
    struct limiter *limiter;
    struct window *window;
    _Atomic uint64_t got[2][KEYS];
    struct sum *sums;
    struct gate begin, end;
} c;

/* Until even one token is refused; larger costs are refused before. */
static void take_all(struct rng *rng, uint64_t key) {
    for (uint64_t cost = 1 + rng_below(rng, 3); cost > 0;) {
        if (limiter_allow(c.limiter, key, cost, NOW_NS, NULL))
            atomic_fetch_add_explicit(&c.got[0][key], cost, memory_order_relaxed);
        else
            cost--;
    }
}

static void count_all(uint64_t key) {
    while (window_allow(c.window, key, NOW_NS, NULL))
        atomic_fetch_add_explicit(&c.got[1][key], 1, memory_order_relaxed);
}

static void keep_sums(uint64_t round) {
    for (uint64_t i = 0; i < 2 * KEYS; i++) {
        c.sums[round * 2 * KEYS + i] = (struct sum){i / KEYS, i % KEYS, c.got[i / KEYS][i % KEYS]};
        c.got[i / KEYS][i % KEYS] = 0;
    }
    limiter_free(c.limiter);
    window_free(c.window);
}

static void take_part(uint64_t me) {
    struct rng rng = rng_new(c.seed, me);
    pace_unsteady(c.seed, me);
    for (uint64_t round = 0; round < c.rounds; round++) {
        if (me == 0) c.limiter = new_limiter(1, c.burst, KEYS), c.window = new_window(c.burst, 6400, KEYS);
        gate_pass(&c.begin);
        for (uint64_t i = 0; i < KEYS; i++) take_all(&rng, (i + me) % KEYS), count_all((i + me) % KEYS);
        gate_pass(&c.end);
        if (me == 0) keep_sums(round);
    }
}

void crowd(uint64_t seed) {
    c.seed = seed;
    c.threads = scenario_param("threads");
    c.burst = scenario_param("burst");
    c.rounds = scenario_param("rounds");
    c.sums = calloc(c.rounds * 2 * KEYS, sizeof *c.sums);
    gate_init(&c.begin, c.threads), gate_init(&c.end, c.threads);
    crew_join(crew_start(c.threads, take_part));
    gate_destroy(&c.begin), gate_destroy(&c.end);
    evidence_rows("sums", sum, c.sums, c.rounds * 2 * KEYS);
    free(c.sums);
}

#define ROOM 3
#define COMERS 7     /* keys */
#define RATE 1000000 /* a token each microsecond */
#define BURST 3
#define STEP_NS 2400
#define LATE_NS 10000

EVIDENCE_ROW(taking, key, cost, now);

static struct {
    uint64_t seed, calls;
    struct limiter *limiter;
    struct taking *taken;
    _Atomic uint64_t count, clock;
} r;

static void come_and_go(uint64_t me) {
    struct rng rng = rng_new(r.seed, me);
    pace_unsteady(r.seed, me);
    for (uint64_t i = 0; i < r.calls; i++) {
        uint64_t key = rng_below(&rng, COMERS), cost = 1 + rng_below(&rng, BURST);
        uint64_t step = rng_below(&rng, STEP_NS), late = rng_below(&rng, 3) ? 0 : rng_below(&rng, LATE_NS);
        uint64_t now = NOW_NS + atomic_fetch_add_explicit(&r.clock, step, memory_order_relaxed) - late;
        if (!limiter_allow(r.limiter, key, cost, now, NULL)) continue;
        uint64_t at = atomic_fetch_add_explicit(&r.count, 1, memory_order_relaxed);
        r.taken[at] = (struct taking){key, cost, now - NOW_NS + LATE_NS};
    }
}

void crowd_room(uint64_t seed) {
    uint64_t threads = scenario_param("threads");
    r.seed = seed;
    r.calls = scenario_param("calls");
    r.limiter = new_limiter(RATE, BURST, ROOM);
    r.taken = calloc(threads * r.calls, sizeof *r.taken);
    crew_join(crew_start(threads, come_and_go));
    evidence_rows("taken", taking, r.taken, r.count);
    limiter_free(r.limiter);
    free(r.taken);
}
