/* SPDX-License-Identifier: MIT */
/* world.h -- the world of the scripted calls: clients whose clocks differ, the modelled Redis, and what is
 * planned to happen at a call's requests. Each thread has one of its own. */
#ifndef WORLD_H
#define WORLD_H

#include "redis.h"

enum { CLIENTS_MAX = 4, LEASES_MAX = 64 };

/* What a request is for: the one that takes the key, one that changes a key that is there, and the number. What only
 * reads, or only concerns scripts, takes no time and goes well. */
enum step { STEP_TAKE, STEP_CHANGE, STEP_NUMBER, STEPS };
enum fault { FAULT_NONE, FAULT_REQUEST_LOST, FAULT_REPLY_LOST, FAULT_ERROR, FAULT_LATE, FAULT_ODD };
enum event { EVENT_NONE, EVENT_TAKEN, EVENT_RESTART };

/* At one step of the next call: the process is paused, something happens, the command is carried out or not; then the
 * same again before the reply is there. */
struct plan {
    uint64_t pause_us, pause_after_us;
    enum event event, event_after;
    enum fault fault;
};

struct client {
    struct lease_client *lease_client;
    uint64_t offset_ns;
    int64_t ppm; /* how much faster its clock is than Redis' */
};

struct world {
    struct client clients[CLIENTS_MAX];
    struct plan plans[STEPS];
    bool no_random;
    bool forgets;               /* Redis restarts before each request */
    uint64_t draws;             /* bytes of randomness so far */
    const unsigned char *given; /* the first of them */
    size_t given_size;
    struct store *store; /* NULL: the numbers are the world's own */
    uint64_t number;     /* drawn last, by whomever */
    char owners[LEASES_MAX][128];
    size_t owner_sizes[LEASES_MAX];
    const char *name; /* that this call is about */
};

extern _Thread_local struct world world;

/* What is counted and noted of a thread's call, where the code under test cannot write it. */
struct call {
    uintptr_t owner;     /* the thread */
    bool watches_tokens; /* what is wrong with a token is told */
    int acquires;        /* the lease that it is about to be, or -1 */
    bool asked_to_take, took;
    uint64_t requests, numbers, own_number;
    char notes[512];
};

/* The calling thread's. */
struct call *world_call(void);
void world_watch_tokens(void);

/* Empty, at time 0. */
void world_begin(void);

struct lease_env world_env(struct client *client);
uint64_t client_now_ns(const struct client *client);

/* A new call about `name`, which acquires lease number `acquires`, or none (-1). */
void world_begin_call(const char *name, int acquires);

/* The request that was late is carried out now. */
void world_arrive(void);

/* What the contract rules out, whatever the call answers. */
void world_note(const char *what);

#endif
