/* SPDX-License-Identifier: MIT */
/* Mutant: a byte beyond ASCII that was written as "%XX" is malformed. */
#include "idempotent_api.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_BYTES_MAX 255
#define EXPIRY_MS "86400000"
/* More than the 5 s that are promised: the last wait may be cut short. */
#define BUSY_MS 5500
#define OPEN_ATTEMPTS 600
#define OPEN_PAUSE_MS 10

enum statement { BEGIN, COMMIT, ROLLBACK, RECALL, CLAIM, DECLINE, DEBIT, CREDIT, RECORD, BALANCE, STATEMENTS };

/* RECALL's condition and CLAIM's are each other's opposite: under the lock
 * exactly one of the two holds for a key. */
static const char *const sql[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [RECALL] = "SELECT request, status, body FROM answers WHERE key = ?1 AND ?2 - first_ms < " EXPIRY_MS,
    [CLAIM] = "INSERT INTO answers (key, first_ms, request, status, body) VALUES (?1, ?2, ?3, 201, ?4) "
              "ON CONFLICT (key) DO UPDATE SET first_ms = ?2, request = ?3, status = 201, body = ?4 "
              "WHERE ?2 - first_ms >= " EXPIRY_MS,
    [DECLINE] = "UPDATE answers SET status = 402, body = ?2 WHERE key = ?1",
    [DEBIT] = "UPDATE accounts SET balance = balance - ?2 WHERE name = ?1 AND balance >= ?2",
    [CREDIT] = "UPDATE accounts SET balance = balance + ?2 WHERE name = ?1 AND balance <= 9223372036854775807 - ?2",
    [RECORD] = "INSERT INTO transfers (key, source, target, amount) VALUES (?1, ?2, ?3, ?4)",
    [BALANCE] = "SELECT balance FROM accounts WHERE name = ?1",
};

/* The key's row holds the whole request: a hash would do, and would be one more
 * thing to trust. WITHOUT ROWID: found in one descent, not in two. */
static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, balance INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS transfers (key TEXT, source TEXT, target TEXT, amount INTEGER);"
    "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, first_ms INTEGER NOT NULL, request BLOB NOT NULL,"
    " status INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;"
    "COMMIT;";

struct api {
    sqlite3 *database;
    sqlite3_stmt *statements[STATEMENTS];
};

struct text {
    char *bytes; /* inside the form's copy of the body */
    size_t size;
};

struct transfer {
    struct text from, to;
    int64_t amount;
};

/* ---- the form ---- */

static int hex(unsigned char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes in place: the result is never longer. False if malformed. */
static bool decode(struct text *t) {
    size_t size = 0;
    for (size_t i = 0; i < t->size; i++) {
        int c = (unsigned char)t->bytes[i];
        if (c == '+') c = ' ';
        if (c == '%') {
            int high = i + 2 < t->size ? hex((unsigned char)t->bytes[i + 1]) : -1;
            int low = high >= 0 ? hex((unsigned char)t->bytes[i + 2]) : -1;
            if (low < 0) return false;
            c = high * 16 + low, i += 2;
        }
        if (c == 0 || c == 0x80 || c == 0xff) return false;
        t->bytes[size++] = (char)c;
    }
    t->size = size;
    return true;
}

static bool is(struct text t, const char *word) {
    return t.size == strlen(word) && memcmp(t.bytes, word, t.size) == 0;
}

static bool decimal(struct text t, int64_t *out) {
    int64_t value = 0;
    for (size_t i = 0; i < t.size; i++) {
        int digit = t.bytes[i] - '0';
        if (digit < 0 || digit > 9 || value > (INT64_MAX - digit) / 10) return false;
        value = value * 10 + digit;
    }
    *out = value;
    return value > 0;
}

/* Reads one "name=value" into its field; false if malformed. */
static bool read_field(struct text pair, struct text fields[3]) {
    static const char *const names[3] = {"from", "to", "amount"};
    char *equals = memchr(pair.bytes, '=', pair.size);
    if (!equals) return false;
    struct text name = {pair.bytes, (size_t)(equals - pair.bytes)};
    struct text value = {equals + 1, pair.size - name.size - 1};
    if (!decode(&name) || !decode(&value)) return false;
    for (int i = 0; i < 3; i++) {
        if (!is(name, names[i])) continue;
        if (fields[i].bytes) return false;
        fields[i] = value;
        return true;
    }
    return false;
}

/* Takes the form apart, in place. False if malformed. */
static bool read_form(char *body, size_t size, struct transfer *out) {
    struct text fields[3] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    for (char *at = body, *end = body + size; at <= end;) {
        char *next = at < end ? memchr(at, '&', (size_t)(end - at)) : NULL;
        if (!next) next = end;
        if (!read_field((struct text){at, (size_t)(next - at)}, fields)) return false;
        at = next + 1;
    }
    if (!fields[0].bytes || !fields[1].bytes || !fields[2].bytes) return false;
    *out = (struct transfer){.from = fields[0], .to = fields[1]};
    bool same = out->from.size == out->to.size && memcmp(out->from.bytes, out->to.bytes, out->to.size) == 0;
    return !same && decimal(fields[2], &out->amount);
}

/* ---- the database ---- */

/* Runs a statement that gives no rows. It is ready for the next use afterwards,
 * whatever happened. */
static int run(struct api *api, enum statement which) {
    int code = sqlite3_step(api->statements[which]);
    sqlite3_reset(api->statements[which]); /* repeats the code of the step */
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Bindings point into the caller's memory, which outlives every step. A size
 * that cannot be bound (2 GiB) fails the step's own way: by its code. */
static int bind_text(sqlite3_stmt *s, int at, struct text t) {
    return sqlite3_bind_text64(s, at, t.bytes, t.size, SQLITE_STATIC, SQLITE_UTF8);
}

static struct text text_of(const char *string) {
    return (struct text){(char *)string, strlen(string)};
}

static void answer(struct api_response *response, int status, const char *body) {
    response->status = status;
    response->replayed = false;
    response->body_size = strlen(body);
    memcpy(response->body, body, response->body_size);
}

/* Takes back whatever the transaction did. Some errors have done so already,
 * and then there is none. If this fails, the next BEGIN will say so. */
static void roll_back(struct api *api) {
    if (!sqlite3_get_autocommit(api->database)) (void)run(api, ROLLBACK);
}

/* SQLITE_ROW and the balance, or SQLITE_DONE: no such account; or an error. */
static int balance_of(struct api *api, struct text name, int64_t *balance) {
    sqlite3_stmt *s = api->statements[BALANCE];
    int code = bind_text(s, 1, name);
    if (code != SQLITE_OK) return code;
    code = sqlite3_step(s);
    if (code == SQLITE_ROW) *balance = sqlite3_column_int64(s, 0);
    sqlite3_reset(s);
    return code;
}

/* Gives the stored answer if the key has one that has not expired: SQLITE_ROW;
 * SQLITE_DONE if it has none. Needs no lock, so replays wait for nobody. */
static int recall(struct api *api, const struct api_request *request, struct api_response *response) {
    sqlite3_stmt *s = api->statements[RECALL];
    sqlite3_bind_int64(s, 2, request->now_ms);
    int code = bind_text(s, 1, text_of(request->idempotency_key));
    if (code == SQLITE_OK) code = sqlite3_step(s);
    if (code == SQLITE_ROW) {
        size_t size = (size_t)sqlite3_column_bytes(s, 0);
        const void *body = sqlite3_column_blob(s, 0);
        if (size == request->body_size && memcmp(body, request->body, size) == 0) {
            answer(response, sqlite3_column_int(s, 1), (const char *)sqlite3_column_text(s, 2));
            response->replayed = true;
        } else {
            answer(response, 422, "the key belongs to another request");
        }
    }
    sqlite3_reset(s);
    return code;
}

/* ---- the transfer ---- */

/* Changes one balance; `changed` says whether it could be. */
static int change(struct api *api, enum statement which, struct text name, int64_t amount, bool *changed) {
    sqlite3_bind_int64(api->statements[which], 2, amount);
    int code = bind_text(api->statements[which], 1, name);
    if (code == SQLITE_OK) code = run(api, which);
    *changed = code == SQLITE_OK && sqlite3_changes(api->database) == 1;
    return code;
}

/* A balance could not be changed: the answer says why. 402 is the one reason
 * that is final, and takes the place of the 201 in the claim. */
static int decline(struct api *api, const char *key, const struct transfer *t, bool debited,
                   struct api_response *response) {
    int64_t balance;
    int code = debited ? SQLITE_ROW : balance_of(api, t->from, &balance);
    if (code == SQLITE_ROW) code = balance_of(api, t->to, &balance);
    if (code == SQLITE_DONE) answer(response, 404, "no such account");
    if (code != SQLITE_ROW) return code == SQLITE_DONE ? SQLITE_OK : code;
    if (debited) {
        answer(response, 400, "the target's balance would be too large");
        return SQLITE_OK;
    }
    answer(response, 402, "insufficient funds");
    sqlite3_bind_text(api->statements[DECLINE], 2, "insufficient funds", -1, SQLITE_STATIC);
    code = bind_text(api->statements[DECLINE], 1, text_of(key));
    return code == SQLITE_OK ? run(api, DECLINE) : code;
}

/* Moves the money and records it, or declines. */
static int transfer(struct api *api, const char *key, const struct transfer *t, struct api_response *response) {
    bool debited, credited = false;
    int code = change(api, DEBIT, t->from, t->amount, &debited);
    if (code == SQLITE_OK && debited) code = change(api, CREDIT, t->to, t->amount, &credited);
    if (code != SQLITE_OK) return code;
    if (!credited) return decline(api, key, t, debited, response);
    sqlite3_stmt *s = api->statements[RECORD];
    bind_text(s, 2, t->from), bind_text(s, 3, t->to); /* bound before, so they can be */
    sqlite3_bind_int64(s, 4, t->amount);
    code = bind_text(s, 1, text_of(key));
    return code == SQLITE_OK ? run(api, RECORD) : code;
}

/* Inserts the key's row; `ours` is false if somebody else's answer is there. */
static int claim(struct api *api, const struct api_request *request, bool *ours) {
    sqlite3_stmt *s = api->statements[CLAIM];
    sqlite3_bind_int64(s, 2, request->now_ms);
    sqlite3_bind_blob64(s, 3, request->body, request->body_size, SQLITE_STATIC);
    sqlite3_bind_text(s, 4, "transferred", -1, SQLITE_STATIC);
    int code = bind_text(s, 1, text_of(request->idempotency_key));
    if (code == SQLITE_OK) code = run(api, CLAIM);
    *ours = code == SQLITE_OK && sqlite3_changes(api->database) == 1;
    return code;
}

/* Everything that must happen together, inside the transaction. */
static int claim_and_transfer(struct api *api, const struct api_request *request, const struct transfer *t,
                              struct api_response *response) {
    bool ours;
    int code = claim(api, request, &ours);
    if (code != SQLITE_OK) return code;
    if (!ours) { /* between our look and our lock, another process has answered */
        code = recall(api, request, response);
        return code == SQLITE_ROW ? SQLITE_OK : code;
    }
    answer(response, 201, "transferred");
    return transfer(api, request->idempotency_key, t, response);
}

/* IMMEDIATE takes the write lock now, while waiting for it is still possible: a
 * transaction that has read and then wants to write may have read what is no
 * longer so, and would be told BUSY without any waiting. */
static int execute(struct api *api, const struct api_request *request, const struct transfer *t,
                   struct api_response *response) {
    int code = run(api, BEGIN);
    if (code != SQLITE_OK) return code;
    code = claim_and_transfer(api, request, t, response);
    if (code == SQLITE_OK && (response->status == 201 || response->status == 402)) code = run(api, COMMIT);
    roll_back(api); /* the claim of what is not final; after COMMIT there is nothing */
    return code;
}

static int handle_transfer(struct api *api, const struct api_request *request, const struct transfer *t,
                           struct api_response *response) {
    int code = recall(api, request, response);
    return code == SQLITE_DONE ? execute(api, request, t, response) : code == SQLITE_ROW ? SQLITE_OK : code;
}

/* ---- requests ---- */

static int post_transfer(struct api *api, const struct api_request *request, struct api_response *response) {
    struct transfer t;
    char *form = malloc(request->body_size + 1); /* decoded in place; names stay valid while statements run */
    if (!form) return SQLITE_NOMEM;
    if (request->body_size > 0) memcpy(form, request->body, request->body_size);
    const char *key = request->idempotency_key;
    int code = SQLITE_OK;
    if (!read_form(form, request->body_size, &t))
        answer(response, 400, "malformed transfer");
    else if (!key || *key == '\0' || strnlen(key, KEY_BYTES_MAX + 1) > KEY_BYTES_MAX)
        answer(response, 400, "an Idempotency-Key of 1 to 255 bytes is needed");
    else
        code = handle_transfer(api, request, &t, response);
    free(form);
    return code;
}

static int get_account(struct api *api, const char *name, struct api_response *response) {
    int64_t balance = 0;
    char body[24];
    int code = balance_of(api, text_of(name), &balance);
    snprintf(body, sizeof body, "%lld", (long long)balance);
    if (code == SQLITE_ROW) answer(response, 200, body);
    if (code == SQLITE_DONE) answer(response, 404, "no such account");
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int route(struct api *api, const struct api_request *request, struct api_response *response) {
    static const char accounts[] = "/accounts/";
    bool transfers = strcmp(request->path, "/transfers") == 0;
    bool account = strncmp(request->path, accounts, sizeof accounts - 1) == 0;
    if (transfers && strcmp(request->method, "POST") == 0) return post_transfer(api, request, response);
    if (account && strcmp(request->method, "GET") == 0)
        return get_account(api, request->path + sizeof accounts - 1, response);
    if (transfers || account)
        answer(response, 405, "no such method here");
    else
        answer(response, 404, "no such path");
    return SQLITE_OK;
}

int api_handle(struct api *api, const struct api_request *request, struct api_response *response) {
    int code = route(api, request, response);
    if ((code & 0xff) != SQLITE_BUSY) return code;
    answer(response, 503, "the database is busy");
    return 0;
}

/* ---- life ---- */

/* The change to WAL asks for a lock in a way that does not always wait for it,
 * so the waiting is done here. */
static int use_wal(sqlite3 *database) {
    int code = SQLITE_BUSY;
    for (int i = 0; i < OPEN_ATTEMPTS && (code & 0xff) == SQLITE_BUSY; i++) {
        if (i > 0) sqlite3_sleep(OPEN_PAUSE_MS);
        code = sqlite3_exec(database, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    }
    return code;
}

static int prepare(struct api *api, const char *path) {
    int code = sqlite3_open_v2(path, &api->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (code == SQLITE_OK) code = use_wal(api->database);
    if (code == SQLITE_OK) code = sqlite3_busy_timeout(api->database, BUSY_MS);
    if (code == SQLITE_OK) code = sqlite3_exec(api->database, schema, NULL, NULL, NULL);
    for (int i = 0; i < STATEMENTS && code == SQLITE_OK; i++)
        code = sqlite3_prepare_v3(api->database, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &api->statements[i], NULL);
    return code;
}

int api_open(const char *database_path, struct api **out) {
    *out = NULL;
    struct api *api = calloc(1, sizeof *api);
    if (!api) return SQLITE_NOMEM;
    int code = prepare(api, database_path);
    if (code == SQLITE_OK)
        *out = api;
    else
        api_close(api);
    return code;
}

void api_close(struct api *api) {
    if (!api) return;
    for (int i = 0; i < STATEMENTS; i++) sqlite3_finalize(api->statements[i]); /* NULL is allowed */
    sqlite3_close(api->database); /* rolls back, and cannot fail: no statement is left */
    free(api);
}
