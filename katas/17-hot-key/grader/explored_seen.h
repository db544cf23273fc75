/* SPDX-License-Identifier: MIT */
/* explored_seen.h -- what explored.c and explored_shards.c know of the run. Quiet functions only. */
#ifndef EXPLORED_SEEN_H
#define EXPLORED_SEEN_H

#include "explored.h"

enum { SPLITS = 2, VALUES = 40, THREADS = 6 };
#define UNTOUCHED UINT64_C(0x5ca1ab1e5ca1ab1e)
#define NEVER UINT64_MAX

extern _Thread_local int me;

/* A value is a number below VALUES, put or written once. */
extern struct seen {
    uint64_t now_ns, staleness_ns;
    uint32_t splits;
    struct {
        int value; /* 0: not there */
        int fetching, filling, fetches, stores;
        int life; /* of the key, where it is known: who fills in another one is not counted */
    } copy[KEYS][SPLITS];
    struct {
        int key;
        uint64_t version, replaced_ns, took_ns; /* replaced_ns: NEVER. took_ns: the longest call that brought it */
        uint64_t stored_ns;                     /* of a put: when home had it; NEVER before. Of others' writes: 0 */
    } value[VALUES];
    int values, threads, home_failures[KEYS], done[KEYS]; /* done: the highest version that is there for everybody */
    uint64_t gets, gets_without, fetches, stores;         /* gets_without: a fetch of their own */
    struct {
        int newest[KEYS];        /* value that it has read or put */
        int putting;             /* 0: it gets */
        int home_stores, stored; /* of its put: of home; home's answer */
        int called;              /* of gets: home failures of the key before the call */
        uint64_t called_ns;
        int brought;       /* value that a fetch or store of this call has brought, and */
        uint64_t since_ns; /* when that was called: it is over when hot_get or hot_put has returned */
        int failed;        /* 1 + key, of which a fetch of the home copy has failed in this call */
        int fills_in;      /* life of the copy that it stores */
        bool fetched;      /* in the get that it is in */
    } thread[THREADS];
} seen;

/* The shards, as the cache is given them. explored_shards.c */
extern const struct hot_env shards;

/* A value of this key that nothing has been stored of (version 0), or that somebody else writes. */
int new_value(int key, uint64_t version);

/* `value` is there now, for everybody. */
void note_done(int key, int value);

#endif
