/* SPDX-License-Identifier: MIT */
/* takeover.c -- a process that was only slow comes back to a key that others have
 * had since.
 *
 *   1. Process 1 is to pay dora, who has no account, and stops before its 1st,
 *      2nd, ... call of SQLite.
 *   2. Process 2 handles the same 61 s later. If that gives 404, dora gets an
 *      account, and the key is free for anything.
 *   3. Process 3 is to pay bob under that key, and stops before its 1st, 2nd,
 *      ... call. Process 1 goes on, then process 3.
 *
 * Evidence: `opened`, and `rows`, one for each of these. */
#include <stdio.h>
#include <string.h>

#include "driver.h"
#include "evidence.h"

#define CALLS_MAX 40
#define ROWS_MAX 1200
#define LEASE_MS 61000

EVIDENCE_ROW(takeover, first_call, third_call, first, first_replayed, third, third_replayed, /* outcomes */
             to_dora, to_bob);                                                               /* rows under the key */

static struct takeover takeovers[ROWS_MAX];
static uint64_t count;
static struct peer first, second, third;

static uint64_t rows_to(const char *key, const char *target) {
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM transfers WHERE key = '%s' AND target = '%s'", key, target);
    return (uint64_t)bank_number(sql);
}

/* Steps 1 and 2, up to a key that is free; else process 1 has gone on, and
 * `more` says whether it had stopped at all. */
static bool freed(const struct ask *ask, bool *more) {
    struct ask later = *ask;
    later.stop_at = 0, later.now_ms += LEASE_MS;
    (void)bank_run("DELETE FROM accounts WHERE name = 'dora'");
    enum peer_news news = peer_call(&first, ask);
    *more = news == PEER_STOPPED;
    if (*more && outcome_of(&second, peer_call(&second, &later)) == 404) return true;
    (void)peer_finish(&first, news);
    return false;
}

/* One row; false if there is none at these calls. */
static bool take_over(uint64_t first_call, uint64_t third_call, bool *more) {
    char key[32];
    snprintf(key, sizeof key, "key-%llu-%llu", (unsigned long long)first_call, (unsigned long long)third_call);
    struct ask ask = ask_transfer(key, NOW_MS), other = ask_transfer(key, NOW_MS + LEASE_MS);
    strcpy(ask.body, "from=alice&to=dora&amount=1");
    ask.stop_at = first_call, other.stop_at = third_call;
    if (!freed(&ask, more)) return false;
    (void)bank_run("INSERT INTO accounts (name, balance) VALUES ('dora', 0)");
    enum peer_news news = peer_call(&third, &other);
    bool met = news == PEER_STOPPED;
    struct takeover row = {.first_call = first_call, .third_call = third_call};
    row.first = peer_finish(&first, PEER_STOPPED), row.first_replayed = (uint64_t)first.reply.replayed;
    row.third = peer_finish(&third, news), row.third_replayed = (uint64_t)third.reply.replayed;
    row.to_dora = rows_to(key, "dora"), row.to_bob = rows_to(key, "bob");
    if (met) takeovers[count++] = row;
    return met;
}

static uint64_t open_all(void) {
    struct peer *const all[] = {&first, &second, &third};
    uint64_t opened = 0;
    for (int i = 0; i < 3; i++) peer_start(all[i]);
    for (int i = 0; i < 3 && opened == 0; i++)
        opened = outcome_of(all[i], peer_call(all[i], &(struct ask){.reopen = true}));
    if (opened == 0) (void)bank_fill();
    return opened;
}

void takeover(uint64_t seed) {
    (void)seed; /* every one of them, every time */
    bank_remove();
    uint64_t opened = open_all();
    bool more = opened == 0;
    for (uint64_t call = 1; call <= CALLS_MAX && more && count < ROWS_MAX - CALLS_MAX; call++) {
        for (uint64_t third_call = 1; third_call <= CALLS_MAX && take_over(call, third_call, &more); third_call++)
            continue;
        evidence_progress();
    }
    evidence_count("opened", opened);
    evidence_rows("rows", takeover, takeovers, count);
    peer_end(&first), peer_end(&second), peer_end(&third);
}
