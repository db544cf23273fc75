/* SPDX-License-Identifier: MIT */
/* interleaved.c -- two processes meet at every call of SQLite.
 *
 * The first process handles a transfer and stops before its 1st, 2nd, ... call.
 * There the second one handles a request of its own, to its end; then the first
 * goes on. All of it with each of these as the second request:
 *
 *   0  the same          1  the same, 61 s later       2  the same, a day later
 *   3  with another key  4  the same key, another body
 *   5  the same, where the key has an answer that has expired
 *   6  with another key, and both spend the 1 that carol has
 *   7  the same, by carol, who gets the 1 it takes while the first stands still
 *
 * A process that sleeps does so in virtual time.
 *
 * Evidence: `rows`, one for each meeting. */
#include <stdio.h>
#include <string.h>

#include "driver.h"
#include "evidence.h"

#define VARIANTS 8
#define CALLS_MAX 60
#define DAY_MS 86400000
#define LEASE_MS 61000

EVIDENCE_ROW(meeting, variant, call, done, /* was the first's transfer committed at the stop? */
             first, second, last,          /* outcomes; the last is the second's request once more */
             first_replayed, second_replayed, last_replayed, transfers, /* rows under the key */
             same_body,                                                 /* were all final answers the same bytes? */
             second_slept_ms, first_slept_ms, sum,                      /* of all balances */
             transfers_other); /* rows under the other key (variants 3 and 6) */

static struct meeting meetings[VARIANTS * CALLS_MAX];
static uint64_t count;
static struct peer first, second;

static const char carols[] = "from=carol&to=bob&amount=1";

/* Gives carol `amount` of what she and alice have, beside the API. */
static void fund_carol(int amount) {
    char sql[256];
    snprintf(sql, sizeof sql,
             "UPDATE accounts SET balance = CASE name WHEN 'carol' THEN %d ELSE (SELECT sum(balance) FROM accounts "
             "WHERE name IN ('alice', 'carol')) - %d END WHERE name IN ('alice', 'carol')",
             amount, amount);
    (void)bank_run(sql);
}

/* alice pays carol 1; 503 if the other process stands still with the lock. */
static void pay_carol(uint64_t call) {
    struct ask ask = ask_transfer("", NOW_MS);
    snprintf(ask.key, sizeof ask.key, "fund-%llu", (unsigned long long)call);
    strcpy(ask.body, "from=alice&to=carol&amount=1");
    (void)peer_call(&second, &ask);
}

static struct ask second_ask(uint64_t variant, const char *key) {
    static const int64_t later[VARIANTS] = {0, LEASE_MS, DAY_MS};
    struct ask ask = ask_transfer(key, NOW_MS + later[variant]);
    if (variant == 3 || variant == 6) ask.key[0] = 'o';
    if (variant >= 6) strcpy(ask.body, carols);
    if (variant == 4) strcpy(ask.body, "from=alice&to=bob&amount=2");
    if (variant == 5) ask.now_ms += 2 * (int64_t)DAY_MS;
    return ask;
}

static bool both_final(const struct reply *a, const struct reply *b) {
    return a->code == 0 && b->code == 0 && a->status == b->status && (a->status == 201 || a->status == 402);
}

static bool differ(const struct reply *a, const struct reply *b) {
    if (!both_final(a, b)) return false;
    uint32_t size = a->body_size < sizeof a->body ? a->body_size : (uint32_t)sizeof a->body;
    return a->body_size != b->body_size || memcmp(a->body, b->body, size) != 0;
}

static void finish(struct meeting *m, const char *key, const struct ask *ask) {
    struct reply before = second.reply;
    m->first = peer_finish(&first, PEER_STOPPED), m->first_replayed = (uint64_t)first.reply.replayed;
    m->first_slept_ms = (uint64_t)first.reply.slept_us / 1000;
    m->transfers = (uint64_t)bank_transfers(key); /* a day later, the last one may make another */
    m->last = outcome_of(&second, peer_call(&second, ask)), m->last_replayed = (uint64_t)second.reply.replayed;
    bool same_request = m->variant != 3 && m->variant != 4 && m->variant != 6;
    m->same_body = !same_request || (!differ(&before, &first.reply) && !differ(&before, &second.reply) &&
                                     !differ(&first.reply, &second.reply));
    m->sum = (uint64_t)bank_sum();
}

/* One meeting at the first's call `call`; false if it does not make so many. */
static bool meet(uint64_t variant, uint64_t call) {
    struct meeting *m = &meetings[count];
    char key[32];
    snprintf(key, sizeof key, "key-%llu-%llu", (unsigned long long)variant, (unsigned long long)call);
    struct ask ask = ask_transfer(key, NOW_MS), other = second_ask(variant, key);
    if (variant == 5) {
        (void)peer_call(&first, &ask); /* the answer that has expired */
        ask.now_ms = other.now_ms;
    }
    if (variant >= 6) {
        strcpy(ask.body, carols);
        fund_carol(variant == 6);
    }
    ask.stop_at = call;
    *m = (struct meeting){.variant = variant, .call = call};
    if (peer_call(&first, &ask) != PEER_STOPPED) return false;
    m->done = (uint64_t)bank_transfers(key) - (variant == 5);
    if (variant == 7) pay_carol(call);
    m->second = outcome_of(&second, peer_call(&second, &other));
    m->second_replayed = (uint64_t)second.reply.replayed;
    m->second_slept_ms = (uint64_t)second.reply.slept_us / 1000;
    finish(m, key, &other);
    if (variant != 2) m->transfers = (uint64_t)bank_transfers(key);
    m->transfers -= variant == 5;
    m->transfers_other = (uint64_t)bank_transfers(other.key);
    count++;
    return m->first != 2000 && m->second != 2000;
}

void interleaved(uint64_t seed) {
    (void)seed; /* every meeting, every time */
    bank_remove();
    peer_start(&first), peer_start(&second);
    uint64_t opened = outcome_of(&first, peer_call(&first, &(struct ask){.reopen = true}));
    if (opened == 0 && bank_fill()) opened = outcome_of(&second, peer_call(&second, &(struct ask){.reopen = true}));
    for (uint64_t variant = 0; variant < VARIANTS && opened == 0; variant++) {
        for (uint64_t call = 1; call <= CALLS_MAX && meet(variant, call); call++) continue;
        evidence_progress();
    }
    evidence_count("opened", opened);
    evidence_rows("rows", meeting, meetings, count);
    peer_end(&first), peer_end(&second);
}
