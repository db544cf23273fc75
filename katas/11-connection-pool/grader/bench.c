/* SPDX-License-Identifier: MIT */
/* bench.c -- a fixed number of uses, timed from outside.
 *
 *   bench  threads, uses (each), size, gaps
 *
 * A use is an acquire, so many turns that others get (the database works meanwhile), and
 * a release. Connections neither fail nor die.
 *
 * Evidence: `used`; `shared`, times that a connection had two callers; `too_many`,
 * connections opened beyond `size`. */
#include "driver.h"

#include <sched.h>
#include <stddef.h>

#include "crew.h"
#include "evidence.h"
#include "scenario.h"

#define SIZE_MOST 64

static struct {
    struct conn_pool *pool;
    uint64_t uses, gaps;
    _Atomic uint64_t opened;
    struct connection {
        uint64_t uses, callers; /* plain: whoever has it writes here alone */
        uint64_t shared;
    } connection[SIZE_MOST];
} b;

static void *open_one(void *world) {
    (void)world;
    uint64_t number = b.opened++;
    return number < SIZE_MOST ? &b.connection[number] : NULL;
}

static void close_one(void *world, void *connection) {
    (void)world, (void)connection;
}

static bool is_alive(void *world, void *connection) {
    (void)world;
    return connection;
}

static void use_all(uint64_t me) {
    (void)me;
    for (uint64_t i = 0; i < b.uses; i++) {
        void *got;
        if (acquire(b.pool, &got) != CONN_OK) continue;
        struct connection *connection = got;
        connection->shared += connection->callers++;
        for (uint64_t gap = 0; gap < b.gaps; gap++) sched_yield();
        connection->callers--, connection->uses++;
        conn_release(b.pool, got, false);
    }
}

void bench(uint64_t seed) {
    (void)seed; /* the same work every time */
    uint64_t size = scenario_param("size"), used = 0, shared = 0;
    b.uses = scenario_param("uses");
    b.gaps = scenario_param("gaps");
    b.pool = new_pool((struct pool_limits){size, 0, SIZE_MAX, UINT64_MAX, 0, 0},
                      (struct pool_env){open_one, close_one, is_alive, NULL});
    crew_join(crew_start(scenario_param("threads"), use_all));
    conn_pool_free(b.pool);
    for (int i = 0; i < SIZE_MOST; i++) used += b.connection[i].uses, shared += b.connection[i].shared;
    evidence_count("used", used);
    evidence_count("shared", shared);
    evidence_count("too_many", b.opened > size ? b.opened - size : 0);
}
