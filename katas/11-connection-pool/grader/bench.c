/* SPDX-License-Identifier: MIT */
/* bench.c -- a fixed number of uses, timed from outside.
 *
 *   bench  threads, uses (each), size, gaps
 *
 * A use is an acquire, so many turns that others get (the database works meanwhile), and
 * a release. Connections neither fail nor die. A pool is handed names of connections, which
 * lead to nothing; what is counted is written by the driver alone.
 *
 * Evidence: `used`; `shared`, times that a connection had two callers; `too_many`,
 * connections opened beyond `size`; `overtaken`, 1 if more than one use in four came, on
 * average, after that of a caller that had called later. */
#include "driver.h"

#include <sched.h>
#include <stddef.h>

#include "crew.h"
#include "evidence.h"
#include "graders_own.h"
#include "scenario.h"

#define SIZE_MOST 64

static struct {
    struct conn_pool *pool;
    uint64_t gaps;
} b;

static GRADERS_OWN _Atomic uint64_t opened, called, served, overtakes;
static GRADERS_OWN uint64_t uses;

static GRADERS_OWN struct connection {
    uint64_t uses, callers; /* plain: whoever has it writes here alone */
    uint64_t shared;
} connections[SIZE_MOST];

static char names[SIZE_MOST];

static void *open_one(void *world) {
    (void)world;
    uint64_t number = own_fetch_add(&opened, 1);
    return number < SIZE_MOST ? &names[number] : NULL;
}

static void close_one(void *world, void *connection) {
    (void)world, (void)connection;
}

static bool is_alive(void *world, void *connection) {
    (void)world;
    return connection;
}

/* Of those who are served before the one that came as the nth, m - n at least have come later, if it is the mth. */
static void note_served(uint64_t came) {
    uint64_t now = own_fetch_add(&served, 1);
    if (now > came) own_fetch_add(&overtakes, now - came);
}

static struct connection OWN *connection_of(const char *name) {
    if (name < names || name >= names + SIZE_MOST)
        evidence_broken_off("conn_acquire", "answered what is no connection", "one that was opened", "conn_acquire");
    return own_at(&connections[name - names]);
}

static void use_all(uint64_t me) {
    (void)me;
    for (uint64_t i = 0; i < uses; i++) {
        void *got;
        uint64_t came = own_fetch_add(&called, 1);
        if (acquire(b.pool, &got) != CONN_OK) continue;
        note_served(came);
        struct connection OWN *connection = connection_of(got);
        connection->shared += connection->callers++;
        for (uint64_t gap = 0; gap < b.gaps; gap++) sched_yield();
        connection->callers--, connection->uses++;
        conn_release(b.pool, got, false);
    }
}

void bench(uint64_t seed) {
    (void)seed; /* the same work every time */
    uint64_t size = scenario_param("size"), used = 0, shared = 0;
    uint64_t threads = scenario_param("threads");
    own_store(&uses, scenario_param("uses"));
    b.gaps = scenario_param("gaps");
    b.pool = new_pool((struct pool_limits){size, 0, SIZE_MAX, UINT64_MAX, 0, 0},
                      (struct pool_env){open_one, close_one, is_alive, NULL});
    crew_join(crew_start(threads, use_all));
    conn_pool_free(b.pool);
    for (int i = 0; i < SIZE_MOST; i++) used += connections[i].uses, shared += connections[i].shared;
    evidence_count("used", used);
    evidence_count("shared", shared);
    evidence_count("too_many", opened > size ? opened - size : 0);
    evidence_count("overtaken", 4 * overtakes > threads * uses);
}
