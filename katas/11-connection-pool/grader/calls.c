/* SPDX-License-Identifier: MIT */
/* calls.c -- scripted calls, with a database that does what it is told.
 *
 * Connections are c1, c2 and so on, in the order in which they were opened. Each call
 * answers in words: what it closed and opened, in order, and what it answered. */
#include <stdio.h>
#include <string.h>

#include "driver.h"

#define CONNECTIONS_MAX 128

struct connection {
    bool dead, closed;
};

static struct {
    struct connection connection[CONNECTIONS_MAX];
    uint64_t opened, failing;
    char told[512];
} w;

static void tell(const char *what, const struct connection *c) {
    size_t used = strlen(w.told);
    if (used > sizeof w.told - 64) return;
    int n = snprintf(w.told + used, sizeof w.told - used, "%s%s", used ? ", " : "", what);
    if (c) snprintf(w.told + used + n, sizeof w.told - used - (size_t)n, " c%d", (int)(c - w.connection) + 1);
}

static bool is_ours(const void *connection) {
    const struct connection *c = connection;
    return c >= w.connection && c < w.connection + w.opened;
}

static void *open_one(void *world) {
    (void)world;
    if (w.failing > 0) {
        w.failing--;
        tell("an open fails", NULL);
        return NULL;
    }
    if (w.opened == CONNECTIONS_MAX) return NULL;
    struct connection *c = &w.connection[w.opened++];
    tell("opens", c);
    return c;
}

static void close_one(void *world, void *connection) {
    struct connection *c = connection;
    (void)world;
    if (!is_ours(c)) {
        tell("closes what is no connection", NULL);
        return;
    }
    tell(c->closed ? "closes a second time" : "closes", c);
    c->closed = true;
}

static bool is_alive(void *world, void *connection) {
    (void)world;
    return is_ours(connection) && !((struct connection *)connection)->dead;
}

struct conn_pool *script_new(uint64_t size_max, uint64_t idle_min, uint64_t waiters_max, uint64_t timeout_ns);
struct conn_pool *script_new(uint64_t size_max, uint64_t idle_min, uint64_t waiters_max, uint64_t timeout_ns) {
    memset(&w, 0, sizeof w);
    return conn_pool_new((struct pool_limits){size_max, idle_min, waiters_max, timeout_ns, 0, 0},
                         (struct pool_env){open_one, close_one, is_alive, NULL});
}

/* The next so many opens fail. */
void script_fail(uint64_t opens);
void script_fail(uint64_t opens) {
    w.failing = opens;
}

void script_kill(uint64_t number);
void script_kill(uint64_t number) {
    w.connection[number - 1].dead = true;
}

static const char *status_name(enum conn_status status) {
    static const char *const names[] = {"CONN_OK", "CONN_TIMEOUT", "CONN_BUSY", "CONN_FAILED", "CONN_CLOSED"};
    return (unsigned)status <= CONN_CLOSED ? names[status] : "no enum conn_status";
}

/* "closes c1, opens c2, CONN_OK c2"; the text lives until the next call. */
const char *script_acquire(struct conn_pool *pool);
const char *script_acquire(struct conn_pool *pool) {
    static char untouched;
    void *connection = &untouched;
    w.told[0] = 0;
    enum conn_status status = conn_acquire(pool, &connection);
    if (status != CONN_OK)
        tell(status_name(status), NULL), connection == &untouched ? (void)0 : tell("*connection changed", NULL);
    else if (is_ours(connection))
        tell("CONN_OK", connection);
    else
        tell("CONN_OK and no connection", NULL);
    return w.told;
}

static const char *told(void) {
    if (!w.told[0]) tell("opens and closes nothing", NULL);
    return w.told;
}

const char *script_release(struct conn_pool *pool, uint64_t number, int broken);
const char *script_release(struct conn_pool *pool, uint64_t number, int broken) {
    w.told[0] = 0;
    conn_release(pool, &w.connection[number - 1], broken);
    return told();
}

const char *script_tend(struct conn_pool *pool);
const char *script_tend(struct conn_pool *pool) {
    w.told[0] = 0;
    conn_pool_tend(pool);
    return told();
}

/* How many close has been called for, as their order is free. */
uint64_t script_close(struct conn_pool *pool);
uint64_t script_close(struct conn_pool *pool) {
    uint64_t before = 0, after = 0;
    for (uint64_t i = 0; i < w.opened; i++) before += w.connection[i].closed;
    conn_pool_close(pool);
    for (uint64_t i = 0; i < w.opened; i++) after += w.connection[i].closed;
    return after - before;
}

const char *script_stats(struct conn_pool *pool);
const char *script_stats(struct conn_pool *pool) {
    static char text[160];
    struct conn_stats s = conn_pool_stats(pool);
    snprintf(text, sizeof text, "open %zu, idle %zu, in use %zu, opening %zu, waiting %zu", s.open, s.idle, s.in_use,
             s.opening, s.waiting);
    return text;
}

static void *open_world(void *world) {
    ++*(int *)world;
    return world;
}

static void close_world(void *world, void *connection) {
    *(int *)world += world == connection ? 10 : 1000;
}

static bool world_lives(void *world, void *connection) {
    return world == connection;
}

/* Two pools of one connection each, used in turns. */
const char *script_two_pools(void);
const char *script_two_pools(void) {
    static char text[160];
    int worlds[2] = {0, 100000};
    void *got[2] = {NULL, NULL};
    struct conn_pool *pools[2];
    for (int i = 0; i < 2; i++)
        pools[i] = conn_pool_new((struct pool_limits){1, 0, 0, UINT64_MAX, 0, 0},
                                 (struct pool_env){open_world, close_world, world_lives, &worlds[i]});
    for (int i = 0; i < 2; i++)
        if (!pools[i] || conn_acquire(pools[i], &got[i]) != CONN_OK) return "a pool that cannot be used";
    bool own = got[0] == &worlds[0] && got[1] == &worlds[1];
    conn_release(pools[0], got[0], false);
    size_t first = conn_pool_stats(pools[0]).idle, second = conn_pool_stats(pools[1]).idle;
    conn_release(pools[1], got[1], true);
    for (int i = 0; i < 2; i++) conn_pool_free(pools[i]);
    snprintf(text, sizeof text, "%s; idle %zu and %zu; opened and closed once: %s, %s", own ? "its own" : "another's",
             first, second, worlds[0] == 11 ? "yes" : "no", worlds[1] == 100011 ? "yes" : "no");
    return text;
}
