/* SPDX-License-Identifier: MIT */
/* locked.c -- another process holds the database's write lock.
 *
 *   case 0  until 4.8 s have been slept
 *   case 1  until the call returns; then it is tried again, with another body
 *
 * Time is virtual: it passes as the process sleeps.
 *
 * Evidence: `opened`, and the rows `cases`. */
#include <sqlite3.h>
#include <string.h>

#include "driver.h"
#include "evidence.h"

#define HELD_US 4800000

EVIDENCE_ROW(meeting, outcome, slept_ms, transfers, /* when the call returned */
             again, again_replayed);                /* what came of the second try */

static sqlite3 *hold(void) {
    sqlite3 *database = NULL;
    if (sqlite3_open(BANK_FILE, &database) == SQLITE_OK &&
        sqlite3_exec(database, "BEGIN IMMEDIATE; UPDATE accounts SET balance = balance", NULL, NULL, NULL) == SQLITE_OK)
        return database;
    sqlite3_close(database);
    return NULL;
}

static void let_go(sqlite3 *database) {
    sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(database);
}

void locked(uint64_t seed) {
    (void)seed;
    struct meeting cases[2] = {{0}};
    static const char *const keys[2] = {"short", "long"};
    struct peer peer;
    bank_remove();
    peer_start(&peer);
    uint64_t opened = outcome_of(&peer, peer_call(&peer, &(struct ask){.reopen = true}));
    if (opened == 0 && !bank_fill()) opened = 1;
    for (int i = 0; i < 2 && opened == 0; i++) {
        struct ask ask = ask_transfer(keys[i], NOW_MS);
        sqlite3 *holder = hold();
        if (!holder) opened = 1;
        if (i == 0) ask.stop_at_us = HELD_US;
        enum peer_news news = peer_call(&peer, &ask);
        if (holder) let_go(holder);
        cases[i].outcome = peer_finish(&peer, news), cases[i].slept_ms = (uint64_t)peer.reply.slept_us / 1000;
        cases[i].transfers = (uint64_t)bank_transfers(keys[i]);
        ask.stop_at_us = 0;
        if (i == 1) strcpy(ask.body, "from=alice&to=bob&amount=2");
        cases[i].again = outcome_of(&peer, peer_call(&peer, &ask));
        cases[i].again_replayed = (uint64_t)peer.reply.replayed;
    }
    evidence_count("opened", opened);
    evidence_rows("cases", meeting, cases, 2);
    peer_end(&peer);
}
