/* SPDX-License-Identifier: MIT */
/* driver.h -- what the driver's files share. */
#ifndef DRIVER_H
#define DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "idempotent_api.h"

/* ---- bank.c: the database as the grader sees it, below the working directory */

#define BANK_FILE "bank.db"
#define ALICE_BALANCE 1000000

/* Deletes the files of an earlier bank. */
void bank_remove(void);

/* Runs SQL on a connection of its own, closed before this returns: a process
 * that forks must not have one open. False if SQLite refuses. */
bool bank_run(const char *sql);

/* The first column of the first row, as bank_run() would; INT64_MIN: none. */
int64_t bank_number(const char *sql);

/* Accounts alice (ALICE_BALANCE), bob and carol (0). */
bool bank_fill(void);

/* Rows in transfers with this key; the sum of all balances. */
int64_t bank_transfers(const char *key);
int64_t bank_sum(void);

/* ---- calls.c: the learner's calls of SQLite, counted, and stopped at */

struct calls {
    bool inside;                   /* is a function of the contract running? */
    uint64_t made;                 /* calls since calls_begin() */
    uint64_t prepares;             /* statements prepared, sqlite3_exec included */
    uint64_t scan_steps, vm_steps; /* as SQLite counts them per statement */
    uint64_t stop_at;              /* `stop` runs before this call, counted from 1; 0: never */
    void (*stop)(void);
};
extern struct calls calls;

/* Starts counting from zero, without a stop; ends it. */
void calls_begin(void);
void calls_end(void);

/* The SQL of a statement that has been stepped since calls_begin(), and neither
 * run to its end nor been reset: it holds a read lock. NULL: there is none. */
const char *calls_left_open(void);

/* ---- connections.c: those that the learner's code has opened and not closed */

struct left {
    uint64_t connections, statements;
};

/* Counts them, with the statements that they still have, and closes them. */
struct left connections_left(void);

/* ---- disk.c: the system calls of SQLite, made to fail; sleeping, made virtual */

enum disk_fault {
    DISK_OK,
    DISK_FULL,
    DISK_LIMIT,
    DISK_WRITE_ERROR,
    DISK_READ_ONLY,
    DISK_READ_ERROR,
    DISK_KILL,
    DISK_STOP
};

struct disk {
    enum disk_fault fault;
    uint64_t from; /* the fault begins with this read or write, counted from 1 */
    uint64_t seen; /* reads or writes so far, of the kind that the fault is about */
    bool hit;
    bool virtual_sleep;           /* sleeping takes no time, and is added up */
    int64_t slept_us, stop_at_us; /* `stop` runs when so much has been slept; 0: never */
    void (*stop)(void);           /* also before the write `from` of DISK_STOP */
};
extern struct disk disk;

/* ---- peer.c: processes that serve one handle each */

struct ask {
    char method[8], path[32], key[64], body[128];
    int64_t now_ms;
    bool reopen, leave;        /* no request: the handle is opened anew; closed, and the process ends */
    uint64_t stop_at, kill_at; /* calls of SQLite before which it waits for peer_go(), or dies; 0: none */
    int64_t stop_at_us;        /* it waits when it has slept so long */
    enum disk_fault fault;
    uint64_t fault_from;
    uint64_t refuse_from; /* the allocation from which on there is no memory; 0: none */
    bool refuse_alone;    /* only that one, and no later one */
};

struct reply {
    int32_t code, status, replayed;
    uint32_t body_size;
    uint64_t calls;
    int64_t slept_us;
    int32_t fault_hit; /* also: was memory refused? */
    char body[256];
};

struct peer {
    int pid, to, from;
    struct reply reply; /* the last one */
};

/* Overslept: it had slept for a minute, more than the contract allows, and was ended. */
enum peer_news { PEER_GONE, PEER_STOPPED, PEER_REPLIED, PEER_OVERSLEPT };

/* Forks a process that opens BANK_FILE, with virtual sleep. Whether that went
 * well is its first reply's `code`. The caller has no connection open. */
void peer_start(struct peer *peer);
void peer_ask(struct peer *peer, const struct ask *ask);
enum peer_news peer_wait(struct peer *peer);
void peer_go(struct peer *peer);
enum peer_news peer_call(struct peer *peer, const struct ask *ask); /* ask, then wait */
void peer_end(struct peer *peer);                                   /* closes the handle, waits for the end */

/* alice pays 1 to bob. */
struct ask ask_transfer(const char *key, int64_t now_ms);

/* The status of an answer; 1000 and SQLite's code if the call failed; 2000 if
 * the process is gone, 2001 if it overslept; 3000 for an answer whose body_size is not set, or too
 * large; 4000 and the status for one that is marked as a replay and cannot be. */
uint64_t outcome_of(const struct peer *peer, enum peer_news news);

/* The same, once one that has stopped has gone on to its end, wherever else it stops. */
uint64_t peer_finish(struct peer *peer, enum peer_news news);

#define NOW_MS 1700000000000

/* ---- scenarios */

void interleaved(uint64_t seed); /* interleaved.c */
void takeover(uint64_t seed);    /* takeover.c */
void kills(uint64_t seed);       /* kills.c */
void openings(uint64_t seed);    /* openings.c */
void locked(uint64_t seed);      /* locked.c */
void faults(uint64_t seed);      /* faults.c */
void counts(uint64_t seed);      /* counts.c */
void files(uint64_t seed);       /* files.c */
void churn(uint64_t seed);       /* churn.c */
void bench(uint64_t seed);       /* bench.c */

#endif
