/* SPDX-License-Identifier: MIT */
/* explored.h -- the world under the schedule explorer: a clock that moves when
 * it is told to, an origin that remembers its loads, and what every answer has
 * to agree with, whatever the schedule.
 *
 * Of every get: one draw at most; a value that a load of this key has brought;
 * FRESH if it was live when the get began or came during it; STALE or FAILED
 * only if a load failed during it, whose outcome no get had returned before it
 * began; no older value than one that had been returned before. Of every load:
 * no other load of that key runs; and while no more keys have brought a value
 * than there is room for, the newest value has expired, or is due by the draw
 * of the get that loads.
 *
 * What the driver notes lies in quiet functions and orders nothing. */
#ifndef EXPLORED_H
#define EXPLORED_H

#include "explore.h"
#include "xfetch.h"

#include <pthread.h>
#include <stdbool.h>

enum { KEYS = 3, THREADS = 4 };

#define NEVER 0.999 /* this draw looks ahead a thousandth of delta */
#define EARLY 1e-9  /* and this one 20.7 times delta */

extern struct xfetch_cache *cache;

/* How loads go. Set it while no other thread runs. */
extern struct origin {
    double load_s, ttl_s;
    bool fails;
    bool may_fail;            /* each load may: the explorer chooses */
    void (*during)(int key);  /* called in the middle of each load; or NULL */
    void (*drawing)(int key); /* called in each draw; or NULL */
    void (*looked)(void);     /* called when a get that has loaded looks at the clock; or NULL */
} origin;

/* A new cache with beta 1, or the scenario fails; and its end. */
void open_cache(size_t capacity);
void close_cache(void);

/* xfetch_get, and all that can be said of its answer. */
enum xfetch_result get(int key, double draw);

/* As get, on a thread of its own that gets `gets` times. `number` is from 1 to
 * THREADS - 1; the main thread is 0. */
struct reader {
    int number, key, gets;
    double draw;
    void (*served)(void); /* called after each get; or NULL */
    pthread_t thread;
    enum xfetch_result answer; /* of the last get */
};
void start_reader(struct reader *reader);
void join_reader(struct reader *reader);

/* Starts a reader that the caller, a load, outlasts; `failure` says what it is if the reader waits for ever. */
void read_beside(struct reader *reader, const char *failure);

void pass_time(double seconds);

void run_missing(void);             /* explore_flights.c */
void run_small(void);               /* explore_flights.c */
void run_refreshing(void);          /* explore_flights.c */
void run_apart(void);               /* explore_flights.c */
void run_overtaken(void);           /* explore_flights.c */
void run_whole(void);               /* explore_entries.c */
void run_evicted(void);             /* explore_entries.c */
void load_beside_other_cache(void); /* explore_two.c */
void run_traffic(void);             /* explore_entries.c */

#endif
