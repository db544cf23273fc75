/* SPDX-License-Identifier: MIT */
/* explored.h -- the world under the schedule explorer: a database whose connections
 * remember who has them, in virtual time.
 *
 * Of every scenario it is judged: never more than `size_max` connections exist; each
 * belongs to one caller at a time, is closed once, and by nobody while a caller has it;
 * open, close and alive run on threads that are in a call; what conn_acquire answers
 * is a connection if it is CONN_OK, and leaves *connection alone if it is not.
 *
 * What a connection carries is plain memory, so a pool that does not order a release
 * before the next use has a data race. What the driver notes lies in quiet functions
 * and orders nothing. */
#ifndef EXPLORED_H
#define EXPLORED_H

#include "conn_pool.h"
#include "explore.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define NS_PER_S UINT64_C(1000000000)
#define FOREVER UINT64_MAX

enum { MAX_CONNECTIONS = 24, NOBODY = -1 };

extern struct conn_pool *pool;

/* How the database does. Set it while no other thread runs. */
extern struct world {
    bool may_fail;         /* each open may: the explorer chooses */
    int failing;           /* so many opens from here on fail */
    bool same_addresses;   /* of a closed connection, for the next one: as malloc does */
    bool slow;             /* each call of the pool's into it takes a while */
    void (*opening)(void); /* called in each open, before its end; or NULL */
    void (*closing)(int number);
    void (*looking)(int number);
    void (*answered)(int number); /* called at the end of open; number NOBODY: it failed */
} world;

/* A new pool, or the scenario fails; and its end, at which no connection may exist. */
void open_pool(struct pool_limits limits);
void end_pool(void);

/* conn_acquire on the calling thread, with all that can be said of its answer at once. The
 * connection's number, or NOBODY; the status in *status. */
int acquire(enum conn_status *status);

/* The same; fails unless the answer is CONN_OK. `when` is part of a sentence. */
int acquire_ok(const char *when);

void release(int number, bool broken);

/* Works with a connection that this thread has acquired. */
void use(int number);

/* conn_pool_tend, conn_pool_close, conn_pool_stats; stats are held to what is true of any moment. */
void tend(void);
void close_pool(void);
struct conn_stats stats(void);

/* Stats when nobody is in a call; all five are known. */
void check_stats(const char *when, size_t idle, size_t in_use);

/* Returns when `count` callers wait or have been answered since there were `answers`; they have called already, or are
 * about to. */
void await_waiting(size_t count, int answers);
int answers_so_far(void);

bool is_dead(int number);
void kill_connection(int number); /* alive answers false from here on */
bool exists(int number);
int opens_so_far(void);
int failures_so_far(void);
int closes_so_far(void);
int nth_closed(int nth); /* in the order in which close was called */

uint64_t now_ns(void);
void sleep_s(uint64_t seconds);
void sleep_until(uint64_t end_ns);

const char *status_name(enum conn_status);

void run_traffic(void);  /* explore_traffic.c */
void run_small(void);    /* explore_traffic.c */
void run_order(void);    /* explore_order.c */
void run_failing(void);  /* explore_order.c */
void run_timing(void);   /* explore_time.c */
void run_sleeping(void); /* explore_time.c */
void run_late(void);     /* explore_late.c */
void run_apart(void);    /* explore_apart.c */
void run_ages(void);     /* explore_ages.c */
void run_tends(void);    /* explore_tends.c */
void run_closing(void);  /* explore_end.c */

#endif
