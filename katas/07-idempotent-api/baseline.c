/* SPDX-License-Identifier: MIT */
/* baseline.c -- the simple, correct, slow way: a lock on everything for as long
 * as a request takes, and SQL written out anew each time.
 *
 * It begins with BEGIN EXCLUSIVE, looks whether the key has an answer, does what
 * has to be done, and stores the answer. No other process is ever in between, so
 * nothing can go wrong between two statements; no other gets anything done
 * either, and SQLite reads, parses and plans each statement before it runs it. */
#include "idempotent_api.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPIRY_MS 86400000
#define BUSY_MS 5500

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, balance INTEGER);"
    "CREATE TABLE IF NOT EXISTS transfers (key TEXT, source TEXT, target TEXT, amount INTEGER);"
    "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, first_ms INTEGER, request TEXT, status INTEGER);";

struct api {
    sqlite3 *database;
};

struct text {
    char *bytes; /* inside the form's copy of the body */
    size_t size;
};

struct transfer {
    struct text from, to;
    int64_t amount;
};

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
        if (c == 0) return false;
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

static void answer(struct api_response *response, int status, const char *body) {
    response->status = status;
    response->replayed = false;
    response->body_size = strlen(body);
    memcpy(response->body, body, response->body_size);
}

/* Runs SQL, with its text made by sqlite3_mprintf(), and frees the text. The
 * first column of the last row goes to `number`, if there is one. */
static int first_column(void *argument, int columns, char **values, char **names) {
    (void)columns, (void)names;
    *(int64_t *)argument = values[0] ? strtoll(values[0], NULL, 10) : 0;
    return 0;
}

static int run(struct api *api, char *sql, int64_t *number) {
    int code = sql ? sqlite3_exec(api->database, sql, first_column, number, NULL) : SQLITE_NOMEM;
    sqlite3_free(sql);
    return code;
}

static int64_t balance_of(struct api *api, const char *name, int *code) {
    int64_t balance = -1;
    if (*code == SQLITE_OK)
        *code = run(api, sqlite3_mprintf("SELECT balance FROM accounts WHERE name = %Q", name), &balance);
    return balance;
}

static int transfer(struct api *api, const char *key, const char *from, const char *to, int64_t amount,
                    struct api_response *response) {
    int code = SQLITE_OK;
    int64_t none, have = balance_of(api, from, &code), there = balance_of(api, to, &code);
    if (code != SQLITE_OK) return code;
    if (have < 0 || there < 0) return answer(response, 404, "no such account"), SQLITE_OK;
    if (have < amount) return answer(response, 402, "insufficient funds"), SQLITE_OK;
    if (there > INT64_MAX - amount) return answer(response, 400, "too much for the target"), SQLITE_OK;
    answer(response, 201, "transferred");
    return run(api,
               sqlite3_mprintf("UPDATE accounts SET balance = balance - %lld WHERE name = %Q;"
                               "UPDATE accounts SET balance = balance + %lld WHERE name = %Q;"
                               "INSERT INTO transfers (key, source, target, amount) VALUES (%Q, %Q, %Q, %lld)",
                               (long long)amount, from, (long long)amount, to, key, from, to, (long long)amount),
               &none);
}

/* The stored answer, if the key has one; else the transfer, and its answer
 * stored if it is final. Inside the transaction. */
static int recall_or_transfer(struct api *api, const struct api_request *request, const char *body, char *from,
                              char *to, int64_t amount, struct api_response *response) {
    const char *key = request->idempotency_key;
    int64_t status = 0, same = 0;
    int code = run(api,
                   sqlite3_mprintf("DELETE FROM answers WHERE key = %Q AND %lld - first_ms >= %d;"
                                   "SELECT status FROM answers WHERE key = %Q",
                                   key, (long long)request->now_ms, EXPIRY_MS, key),
                   &status);
    if (code == SQLITE_OK && status == 0) {
        code = transfer(api, key, from, to, amount, response);
        if (code != SQLITE_OK || (response->status != 201 && response->status != 402)) return code;
        return run(api,
                   sqlite3_mprintf("INSERT INTO answers VALUES (%Q, %lld, %Q, %d)", key, (long long)request->now_ms,
                                   body, response->status),
                   &same);
    }
    if (code == SQLITE_OK)
        code = run(api, sqlite3_mprintf("SELECT request = %Q FROM answers WHERE key = %Q", body, key), &same);
    if (code != SQLITE_OK) return code;
    if (!same) return answer(response, 422, "the key belongs to another request"), SQLITE_OK;
    answer(response, (int)status, status == 201 ? "transferred" : "insufficient funds");
    response->replayed = true;
    return SQLITE_OK;
}

static int locked(struct api *api, const struct api_request *request, const char *body, const struct transfer *t,
                  struct api_response *response) {
    int64_t none;
    int code = run(api, sqlite3_mprintf("BEGIN EXCLUSIVE"), &none);
    if (code != SQLITE_OK) return code;
    t->from.bytes[t->from.size] = t->to.bytes[t->to.size] = '\0'; /* where '&' was, or the end */
    code = recall_or_transfer(api, request, body, t->from.bytes, t->to.bytes, t->amount, response);
    if (code == SQLITE_OK) code = run(api, sqlite3_mprintf("COMMIT"), &none);
    if (!sqlite3_get_autocommit(api->database)) (void)run(api, sqlite3_mprintf("ROLLBACK"), &none);
    return code;
}

static int post_transfer(struct api *api, const struct api_request *request, struct api_response *response) {
    struct transfer t;
    const char *key = request->idempotency_key;
    char *body = calloc(1, request->body_size + 1), *form = calloc(1, request->body_size + 1);
    int code = body && form ? SQLITE_OK : SQLITE_NOMEM;
    if (code == SQLITE_OK && request->body_size > 0) {
        memcpy(body, request->body, request->body_size);
        memcpy(form, request->body, request->body_size);
    }
    if (code == SQLITE_OK && !read_form(form, request->body_size, &t))
        answer(response, 400, "malformed transfer");
    else if (code == SQLITE_OK && (!key || *key == '\0' || strlen(key) > 255))
        answer(response, 400, "an Idempotency-Key of 1 to 255 bytes is needed");
    else if (code == SQLITE_OK)
        code = locked(api, request, body, &t, response);
    free(body), free(form);
    return code;
}

static int get_account(struct api *api, const char *name, struct api_response *response) {
    int code = SQLITE_OK;
    char body[24];
    int64_t balance = balance_of(api, name, &code);
    snprintf(body, sizeof body, "%lld", (long long)balance);
    answer(response, balance < 0 ? 404 : 200, body);
    return code;
}

int api_handle(struct api *api, const struct api_request *request, struct api_response *response) {
    bool transfers = strcmp(request->path, "/transfers") == 0;
    bool account = strncmp(request->path, "/accounts/", 10) == 0;
    int code = SQLITE_OK;
    if (transfers && strcmp(request->method, "POST") == 0)
        code = post_transfer(api, request, response);
    else if (account && strcmp(request->method, "GET") == 0)
        code = get_account(api, request->path + 10, response);
    else
        answer(response, transfers || account ? 405 : 404, "no");
    if ((code & 0xff) != SQLITE_BUSY) return code;
    answer(response, 503, "the database is busy");
    return 0;
}

int api_open(const char *database_path, struct api **out) {
    *out = NULL;
    struct api *api = calloc(1, sizeof *api);
    if (!api) return SQLITE_NOMEM;
    int code = sqlite3_open(database_path, &api->database);
    if (code == SQLITE_OK) code = sqlite3_busy_timeout(api->database, BUSY_MS);
    if (code == SQLITE_OK) code = sqlite3_exec(api->database, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    if (code == SQLITE_OK) code = sqlite3_exec(api->database, schema, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        *out = api;
    else
        api_close(api);
    return code;
}

void api_close(struct api *api) {
    if (!api) return;
    sqlite3_close(api->database);
    free(api);
}
