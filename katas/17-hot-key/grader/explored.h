/* SPDX-License-Identifier: MIT */
/* explored.h -- the world under the schedule explorer: two shards that remember who asks,
 * in virtual time.
 *
 * Of every scenario it is judged: copies lie where they belong; one fetch of a copy runs at a time; no
 * copy is stored with a higher version than its home copy has; a put stores the home copy once, first,
 * and answers what that answered; a get answers a value of its key, no older one than its thread
 * has read or put, and none that was replaced too long ago; it answers false only if a fetch of the home copy failed
 * meanwhile.
 *
 * What the driver notes lies in quiet functions and orders nothing. */
#ifndef EXPLORED_H
#define EXPLORED_H

#include "explore.h"
#include "hot_key.h"

#include <pthread.h>
#include <semaphore.h>

enum { SHARDS = 2, KEYS = 3, WINDOW = SHARDS * HOT_READS_PER_SHARD, ENOUGH = HOT_READS_PER_SHARD + 1 };
enum call { FETCH, STORE };
#define FOREVER UINT64_MAX

extern struct hot_cache *cache;

/* How the shards do. Set it while no other thread runs. */
extern struct world {
    bool may_fail[2];     /* fetches, stores: each may, the explorer chooses; a store that fails may have been done */
    bool fetches_fail;    /* all of them */
    bool copies_fail;     /* fetches of copies other than home */
    bool slow;            /* others surely get to run meanwhile */
    bool cools;           /* keys may cool down: two gets may fill a copy for a moment */
    uint64_t takes_ns[2]; /* of virtual time */
    /* Called in each fetch that has read its copy, or with `early` will read it, and in each store that has not been
     * done yet; or NULL. */
    void (*during)(enum call, int key, int split);
    bool early;
    uint64_t draw; /* what random answers */
} world;

/* A new cache, or the scenario fails; and its end. */
void open_cache(size_t replicas_max, uint64_t staleness_ns, uint32_t splits);
void close_cache(void);

/* hot_get and hot_put, with all that can be said of their answers at once. A put has a value of its own. */
bool get(int key);
bool put(int key);

/* The same, which must not answer false. */
void get_ok(int key);
void put_ok(int key);

/* Somebody else writes a key: its home copy, and then the other. `write_rest` may be left out. */
void write_home(int key);
void write_rest(int key);

/* The thread alone: so many gets; the key is hot then, or the scenario fails. */
void get_often(int key, int times);
void make_hot(int key);
void check_hot(const char *when, size_t keys);

void pass_time(uint64_t ns);

/* The key is about to be hot anew: who fills a copy from before may still do so. */
void begin_life(int key);

int fetches_so_far(int key, int split);
int stores_so_far(int key, int split);

/* Lets another thread run here; orders nothing. */
void let_others_run(void);

pthread_t start(void *(*run)(void *), void *argument);

void run_traffic(void); /* explore_traffic.c */
void run_small(void);   /* explore_traffic.c */
void run_racing(void);  /* explore_traffic.c */
void run_flights(void); /* explore_flights.c */
void run_own(void);     /* explore_flights.c */
void run_older(void);   /* explore_older.c */
void run_cooling(void); /* explore_older.c */
void run_apart(void);   /* explore_apart.c */
void run_begun(void);   /* explore_begun.c: a part of own */
void run_again(void);   /* explore_begun.c: a part of cooling */
void run_refill(void);  /* explore_begun.c: a part of cooling */

#endif
