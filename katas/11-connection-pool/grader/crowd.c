/* SPDX-License-Identifier: MIT */
/* crowd.c -- many callers, few connections, that fail, break and die.
 *
 *   crowd  threads, rounds (each), size, waiters, timeout_us, early (0 or 1)
 *
 * early=1: the pool is closed while the callers are at work; each of them goes on until it
 * is answered CONN_CLOSED. One more thread tends all the while.
 *
 * What a connection carries is plain memory: the pool orders those who write there, or a
 * sanitizer sees it. The driver's counters are relaxed and order nothing.
 *
 * An answer may come too early for what it says: CONN_TIMEOUT before the time is over; CONN_BUSY although fewer others
 * than may wait have been in conn_acquire meanwhile.
 *
 * Evidence: `early_timeouts`, `early_busy`; answers, `ok`, `timeouts`, `busy`, `failed`, `closed`, `unknown`; `most`
 * connections at a time; `torn`, stats that were no moment's; `shared`, times that a connection had two callers, or was
 * closed under one; `opens`, `open_failures` (of callers alone), `closes`; `allocations` between new and free; what the
 * stats say when all callers have ended: `idle`, `others` (in use, opening, waiting), and what `existing` is then. */
#include "driver.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "crew.h"
#include "evidence.h"
#include "gate.h"
#include "heap.h"
#include "rng.h"
#include "scenario.h"

#define DIES_ONE_IN 16
#define FAILS_ONE_IN 8
#define BREAKS_ONE_IN 8
#define CALL (UINT64_C(1) << 16)

struct connection {
    uint64_t uses; /* plain */
    _Atomic uint64_t callers;
};

static struct {
    uint64_t seed, rounds, early, waiters, timeout_ns;
    struct conn_pool *pool;
    _Atomic uint64_t calls; /* those that are in conn_acquire, and times CALL those that there have been */
    _Atomic uint64_t early_timeouts, early_busy;
    _Atomic uint64_t existing, most, shared, opens, open_failures, closes, draws, ended, torn;
    _Atomic uint64_t answers[CONN_CLOSED + 2];
} c;

static _Thread_local bool tends;

static void add(_Atomic uint64_t *count) {
    atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
}

/* The same share of all calls, whoever makes them. */
static bool one_in(uint64_t n) {
    struct rng rng = rng_new(c.seed, atomic_fetch_add_explicit(&c.draws, 1, memory_order_relaxed));
    return rng_next(&rng) % n == 0;
}

static void note_most(void) {
    uint64_t now = atomic_fetch_add_explicit(&c.existing, 1, memory_order_relaxed) + 1;
    uint64_t most = atomic_load_explicit(&c.most, memory_order_relaxed);
    while (now > most &&
           !atomic_compare_exchange_weak_explicit(&c.most, &most, now, memory_order_relaxed, memory_order_relaxed)) {
    }
}

static void *open_one(void *world) {
    (void)world;
    note_most();
    sched_yield();
    struct connection *connection = one_in(FAILS_ONE_IN) ? NULL : calloc(1, sizeof *connection);
    if (connection) {
        add(&c.opens);
        return connection;
    }
    atomic_fetch_sub_explicit(&c.existing, 1, memory_order_relaxed);
    if (!tends) add(&c.open_failures);
    return NULL;
}

static void close_one(void *world, void *argument) {
    struct connection *connection = argument;
    (void)world;
    connection->uses++;
    if (atomic_load_explicit(&connection->callers, memory_order_relaxed)) add(&c.shared);
    sched_yield();
    add(&c.closes);
    free(connection);
    atomic_fetch_sub_explicit(&c.existing, 1, memory_order_relaxed);
}

static bool is_alive(void *world, void *argument) {
    struct connection *connection = argument;
    (void)world;
    connection->uses++;
    return !one_in(DIES_ONE_IN);
}

static void use(struct connection *connection) {
    if (atomic_fetch_add_explicit(&connection->callers, 1, memory_order_relaxed)) add(&c.shared);
    connection->uses++;
    sched_yield();
    connection->uses++;
    atomic_fetch_sub_explicit(&connection->callers, 1, memory_order_relaxed);
}

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Those who wait are others in conn_acquire: they were there when this caller came, or have come since. */
static enum conn_status acquire_and_look(void **connection) {
    uint64_t before = atomic_fetch_add_explicit(&c.calls, CALL + 1, memory_order_relaxed), begun = now_ns();
    enum conn_status status = acquire(c.pool, connection);
    if (status == CONN_TIMEOUT && now_ns() - begun < c.timeout_ns) add(&c.early_timeouts);
    uint64_t after = atomic_fetch_sub_explicit(&c.calls, 1, memory_order_relaxed);
    uint64_t others = before % CALL + after / CALL - before / CALL - 1;
    if (status == CONN_BUSY && others < c.waiters) add(&c.early_busy);
    return status;
}

static enum conn_status call(void) {
    void *connection;
    enum conn_status status = acquire_and_look(&connection);
    add(&c.answers[(unsigned)status <= CONN_CLOSED ? status : CONN_CLOSED + 1]);
    if (status != CONN_OK) return status;
    use(connection);
    conn_release(c.pool, connection, one_in(BREAKS_ONE_IN));
    return status;
}

static void call_all(uint64_t me) {
    (void)me;
    for (uint64_t i = 0; c.early || i < c.rounds; i++) {
        if (call() == CONN_CLOSED) break;
        if (c.early && i % 64 == 63) evidence_progress();
    }
    add(&c.ended);
}

static void *tend_on(void *threads) {
    tends = true;
    while (atomic_load_explicit(&c.ended, memory_order_relaxed) < (uintptr_t)threads) {
        conn_pool_tend(c.pool);
        struct conn_stats s = conn_pool_stats(c.pool);
        if (s.open != s.idle + s.in_use) add(&c.torn);
        sched_yield();
    }
    return NULL;
}

static void run_threads(void) {
    uint64_t threads = scenario_param("threads"), taken = heap_allocations();
    struct crew *callers = crew_start(threads, call_all);
    pthread_t keeper = gate_thread(tend_on, (void *)(uintptr_t)threads);
    while (c.early && atomic_load_explicit(&c.answers[CONN_OK], memory_order_relaxed) < c.rounds) sched_yield();
    if (c.early) conn_pool_close(c.pool);
    crew_join(callers);
    pthread_join(keeper, NULL);
    evidence_count("allocations", heap_allocations() - taken);
}

static void report_stats(void) {
    struct conn_stats s = conn_pool_stats(c.pool);
    evidence_count("idle", s.idle);
    evidence_count("others", s.in_use + s.opening + s.waiting + (s.open - s.idle));
    evidence_count("existing", c.existing);
}

static void report(void) {
    static const char *const names[] = {"ok", "timeouts", "busy", "failed", "closed", "unknown"};
    for (int i = 0; i <= CONN_CLOSED + 1; i++) evidence_count(names[i], c.answers[i]);
    evidence_count("early_timeouts", c.early_timeouts);
    evidence_count("early_busy", c.early_busy);
    evidence_count("most", c.most);
    evidence_count("shared", c.shared);
    evidence_count("torn", c.torn);
    evidence_count("opens", c.opens);
    evidence_count("open_failures", c.open_failures);
    evidence_count("closes", c.closes);
}

void crowd(uint64_t seed) {
    c.seed = seed;
    c.rounds = scenario_param("rounds");
    c.early = scenario_param("early");
    c.waiters = scenario_param("waiters");
    c.timeout_ns = scenario_param("timeout_us") * 1000;
    c.pool = new_pool((struct pool_limits){scenario_param("size"), 1, c.waiters, c.timeout_ns, 0, 1000000},
                      (struct pool_env){open_one, close_one, is_alive, NULL});
    run_threads();
    report_stats();
    conn_pool_free(c.pool);
    report();
}
