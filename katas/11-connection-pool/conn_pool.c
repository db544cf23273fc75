/* SPDX-License-Identifier: MIT */
/* conn_pool.c -- a bounded pool of connections, and the callers who wait for one.
 *
 * This is the only file you edit. The types and the full contract are in
 * conn_pool.h; run `bun kata hint 11` when you are stuck.
 *
 * What must stay true, whatever connections and threads do:
 *   1. Never more than `size_max` connections exist, and none is ever lost.
 *   2. Whoever came first is served first, by whatever becomes free.
 *   3. A slow open holds up nobody who does not need its result.
 *
 * Before you type, answer this on paper: three callers wait, and the one
 * connection dies. What becomes free, and which of the three has to learn of it? */
#include "conn_pool.h"

#include <stdlib.h>

struct conn_pool {
    int todo; /* Where is a connection: idle, lent, or on its way? Who waits, and in which order? */
};

/* An empty pool. */
struct conn_pool *conn_pool_new(struct pool_limits limits, struct pool_env env) {
    (void)limits, (void)env;
    return calloc(1, sizeof(struct conn_pool)); /* TODO: which limits make no sense? */
}

/* An idle connection, or a new one, or a turn in the queue. */
enum conn_status conn_acquire(struct conn_pool *p, void **connection) {
    (void)p, (void)connection;
    return CONN_FAILED; /* TODO: what may happen while this caller opens, and while it waits? */
}

/* Give a connection back. */
void conn_release(struct conn_pool *p, void *connection, bool broken) {
    (void)p, (void)connection, (void)broken; /* TODO: who gets it, and what does a broken one leave behind? */
}

/* Close what has been idle for too long; open what is missing. */
void conn_pool_tend(struct conn_pool *p) {
    (void)p; /* TODO: what if two threads are here at once? */
}

/* How many of each, at one moment. */
struct conn_stats conn_pool_stats(struct conn_pool *p) {
    (void)p;
    return (struct conn_stats){0}; /* TODO: how do you see all five at the same moment? */
}

/* Refuse, wake the waiters, wait for the rest. */
void conn_pool_close(struct conn_pool *p) {
    (void)p; /* TODO: where may a connection be at this moment? */
}

/* Give everything back. `p` may be NULL. */
void conn_pool_free(struct conn_pool *p) {
    free(p); /* TODO: what if nobody has closed it? */
}
