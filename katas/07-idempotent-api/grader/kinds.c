/* SPDX-License-Identifier: MIT */
/* kinds.c -- a request of each kind, in this process. */
#include "kinds.h"

#include <string.h>

#include "driver.h"
#include "graders_own.h"

#define OTHERS "300"
#define DAY_MS 86400000

static const int kind_status[KINDS] = {201, 201, 422, 402, 404, 400, 400, 400, 200, 404, 201};

static HANDED_OVER struct api_response response;

bool kind_fill(void) {
    return bank_run("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT " OTHERS ") "
                    "INSERT INTO accounts (name, balance) SELECT 'account ' || i, 0 FROM n;"
                    "INSERT INTO accounts (name, balance) VALUES ('alice', 1000000000), ('bob', 0),"
                    " ('carol', 0), ('rich', 9223372036854775807)");
}

static int send(struct api *api, const char *method, const char *path, const char *key, const char *form,
                int64_t now_ms) {
    struct api_request request = {method, path, key, form, strlen(form), now_ms};
    int code = api_handle(api, &request, &response);
    return code == 0 ? response.status : -1;
}

static int pay(struct api *api, const char *key, const char *form, int64_t now_ms) {
    return send(api, "POST", "/transfers", key, form, now_ms);
}

static int ask(struct api *api, enum kind kind, const char *key) {
    const char *form = "from=alice&to=bob&amount=1";
    switch (kind) {
    case REUSED:
        return pay(api, key, "from=alice&to=bob&amount=2", NOW_MS);
    case POOR:
        return pay(api, key, "from=carol&to=bob&amount=1", NOW_MS);
    case UNKNOWN:
        return pay(api, key, "from=alice&to=nobody&amount=1", NOW_MS);
    case MALFORMED:
        return pay(api, key, "from=alice&to=bob&amount=x", NOW_MS);
    case NO_KEY:
        return pay(api, NULL, form, NOW_MS);
    case TOO_RICH:
        return pay(api, key, "from=alice&to=rich&amount=1", NOW_MS);
    case BALANCE:
        return send(api, "GET", "/accounts/alice", NULL, "", NOW_MS);
    case NOBODY:
        return send(api, "GET", "/accounts/nobody", NULL, "", NOW_MS);
    case EXPIRED:
        return pay(api, key, form, NOW_MS + DAY_MS);
    default:
        return pay(api, key, form, NOW_MS);
    }
}

bool kind_needs_answer(enum kind kind) {
    return kind == REPLAY || kind == REUSED || kind == EXPIRED;
}

bool kind_ask(struct api *api, enum kind kind, const char *key) {
    return ask(api, kind, key) == kind_status[kind] && (kind != REPLAY || response.replayed);
}
