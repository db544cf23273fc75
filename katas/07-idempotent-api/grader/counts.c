/* SPDX-License-Identifier: MIT */
/* counts.c -- what a request costs, in SQLite's own counts.
 *
 *   counts  few, many: keys stored before the costs are taken
 *
 * The accounts that are used come after OTHERS more, in whatever order.
 *
 * Every kind of request is handled once, so that what is prepared on first use
 * is. Then a row of `costs` per kind, for ROUNDS requests of it with few keys
 * stored and as many with many: `prepares`, `scans` (steps of a full table scan),
 * and `vm_few` and `vm_many`, steps of the virtual machine. Also `opened`, and `wrong`: requests not answered
 * with the status that their kind has. */
#include <stdio.h>
#include <string.h>

#include "driver.h"
#include "evidence.h"
#include "scenario.h"

#define ROUNDS 10
#define OTHERS "300"
#define DAY_MS 86400000

enum kind { FRESH, REPLAY, REUSED, POOR, UNKNOWN, MALFORMED, NO_KEY, TOO_RICH, BALANCE, NOBODY, EXPIRED, KINDS };

static const int status_of[KINDS] = {201, 201, 422, 402, 404, 400, 400, 400, 200, 404, 201};

static struct api *api;
static struct api_response response;
static uint64_t serial, wrong;

static int send(const char *method, const char *path, const char *key, const char *form, int64_t now_ms) {
    struct api_request request = {method, path, key, form, strlen(form), now_ms};
    int code = api_handle(api, &request, &response);
    return code == 0 ? response.status : -1;
}

static int pay(const char *key, const char *form, int64_t now_ms) {
    return send("POST", "/transfers", key, form, now_ms);
}

static int ask_for(enum kind kind, const char *key) {
    const char *form = "from=alice&to=bob&amount=1";
    switch (kind) {
    case REUSED:
        return pay(key, "from=alice&to=bob&amount=2", NOW_MS);
    case POOR:
        return pay(key, "from=carol&to=bob&amount=1", NOW_MS);
    case UNKNOWN:
        return pay(key, "from=alice&to=nobody&amount=1", NOW_MS);
    case MALFORMED:
        return pay(key, "from=alice&to=bob&amount=x", NOW_MS);
    case NO_KEY:
        return pay(NULL, form, NOW_MS);
    case TOO_RICH:
        return pay(key, "from=alice&to=rich&amount=1", NOW_MS);
    case BALANCE:
        return send("GET", "/accounts/alice", NULL, "", NOW_MS);
    case NOBODY:
        return send("GET", "/accounts/nobody", NULL, "", NOW_MS);
    case EXPIRED:
        return pay(key, form, NOW_MS + DAY_MS);
    default:
        return pay(key, form, NOW_MS);
    }
}

/* One request of the kind, counted; what must come before it is not. */
static void count(enum kind kind) {
    char key[32];
    snprintf(key, sizeof key, "count-%llu", (unsigned long long)serial++);
    if (kind == REPLAY || kind == REUSED || kind == EXPIRED) (void)ask_for(FRESH, key);
    calls_begin();
    int status = ask_for(kind, key);
    calls_end();
    wrong += status != status_of[kind] || (kind == REPLAY && !response.replayed);
}

EVIDENCE_ROW(cost, prepares, scans, vm_few, vm_many);
static struct cost costs[KINDS];

static void take_costs(bool few) {
    for (enum kind kind = 0; kind < KINDS; kind++) {
        for (int i = 0; i < ROUNDS; i++) {
            count(kind);
            costs[kind].prepares += calls.prepares, costs[kind].scans += calls.scan_steps;
            *(few ? &costs[kind].vm_few : &costs[kind].vm_many) += calls.vm_steps;
        }
    }
    evidence_progress();
}

static void fill_up_to(uint64_t keys) {
    static uint64_t stored;
    char key[32];
    for (; stored < keys; stored++) {
        snprintf(key, sizeof key, "stored-%llu", (unsigned long long)stored);
        wrong += ask_for(FRESH, key) != 201;
        if (stored % 500 == 0) evidence_progress();
    }
}

void counts(uint64_t seed) {
    (void)seed;
    bank_remove();
    int code = api_open(BANK_FILE, &api);
    bool filled =
        code == 0 && bank_run("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT " OTHERS ") "
                              "INSERT INTO accounts (name, balance) SELECT 'account ' || i, 0 FROM n;"
                              "INSERT INTO accounts (name, balance) VALUES ('alice', 1000000000), ('bob', 0),"
                              " ('carol', 0), ('rich', 9223372036854775807)");
    evidence_count("opened", (uint64_t)(code != 0 ? 1000 + code : !filled));
    if (!filled) return;
    for (enum kind kind = 0; kind < KINDS; kind++) count(kind);
    fill_up_to(scenario_param("few"));
    take_costs(true);
    fill_up_to(scenario_param("many"));
    take_costs(false);
    evidence_count("wrong", wrong);
    evidence_rows("costs", cost, costs, KINDS);
    api_close(api);
}
