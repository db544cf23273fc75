/* SPDX-License-Identifier: MIT */
/* bank.c -- the database as the grader sees it. */
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "driver.h"

void bank_remove(void) {
    static const char *const files[] = {BANK_FILE, BANK_FILE "-wal", BANK_FILE "-shm", BANK_FILE "-journal"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) unlink(files[i]);
}

static sqlite3 *connect(void) {
    sqlite3 *database = NULL;
    if (sqlite3_open_v2(BANK_FILE, &database, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK) {
        sqlite3_busy_timeout(database, 5000);
        return database;
    }
    sqlite3_close(database);
    return NULL;
}

bool bank_run(const char *sql) {
    sqlite3 *database = connect();
    bool ok = database && sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_close(database);
    return ok;
}

int64_t bank_number(const char *sql) {
    sqlite3 *database = connect();
    sqlite3_stmt *s = NULL;
    int64_t number = INT64_MIN;
    if (database && sqlite3_prepare_v2(database, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
        number = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    sqlite3_close(database);
    return number;
}

bool bank_fill(void) {
    char sql[256];
    snprintf(sql, sizeof sql,
             "DELETE FROM accounts;"
             "INSERT INTO accounts (name, balance) VALUES ('alice', %d), ('bob', 0), ('carol', 0);",
             ALICE_BALANCE);
    return bank_run(sql);
}

int64_t bank_transfers(const char *key) {
    char sql[256];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM transfers WHERE key = '%s'", key);
    return bank_number(sql);
}

int64_t bank_sum(void) {
    return bank_number("SELECT sum(balance) FROM accounts");
}
