/* SPDX-License-Identifier: MIT */
/* script.c -- for scripted calls: a bank, and answers in words. A text lives
 * until the next call of the function that returned it. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver.h"

#define SENT_MAX 512

const char *script_open(void);
const char *script_open_case(int32_t number);
const char *script_sql(const char *sql);
const char *script_ask(const char *sql);
const char *script_send(const char *method, const char *path, const char *key, const void *body, size_t size,
                        int64_t now_ms, int32_t like);
void script_close(void);

static struct api *api;
static struct api_response sent[SENT_MAX]; /* every answer of the script so far */
static int32_t count;

void script_close(void) {
    api_close(api);
    api = NULL;
    count = 0;
}

/* Opens a file as it is: "0", or SQLite's words. */
static const char *open_at(const char *path) {
    static char text[128];
    script_close();
    api = (struct api *)sent; /* so that a handle that is not set shows */
    int code = api_open(path, &api);
    bool unset = api == (struct api *)sent, left = code != 0 && api != NULL;
    if (code != 0 || unset) api = NULL;
    if (code == 0 && unset) return "0, and the handle is not set";
    snprintf(text, sizeof text, "%d%s", code, left ? ", and the handle is not NULL" : "");
    return code == 0 ? "0" : left ? text : "not 0";
}

/* Opens a new bank. */
const char *script_open(void) {
    script_close();
    bank_remove();
    return open_at(BANK_FILE);
}

#define FOLDER "missing"

static void write_garbage(const char *path) {
    FILE *file = fopen(path, "w");
    for (int i = 0; file && i < 1000; i++) fputs("no database", file);
    if (file) fclose(file);
}

/* Opens a path 0 without its folder, 1 with it, 2 where there is something that
 * is no database, 3 where there is nothing again. */
const char *script_open_case(int32_t number) {
    static const char path[] = FOLDER "/bank.db";
    script_close();
    if (number != 2) unlink(path), unlink(FOLDER "/bank.db-wal"), unlink(FOLDER "/bank.db-shm");
    if (number == 0) rmdir(FOLDER);
    if (number == 1) mkdir(FOLDER, 0700);
    if (number == 2) write_garbage(path);
    return open_at(path);
}

const char *script_sql(const char *sql) {
    return bank_run(sql) ? "ok" : "SQLite refused";
}

#define ROWS_BYTES 16384

/* Adds `value` to `text`; what is not printable ASCII becomes "\\xNN", since not
 * every name is UTF-8. */
static void add_value(char *text, const char *value) {
    size_t size = strlen(text);
    for (const char *c = value; *c && size + 5 < ROWS_BYTES; c++) {
        bool plain = *c >= ' ' && *c <= '~';
        size += (size_t)snprintf(text + size, ROWS_BYTES - size, plain ? "%c" : "\\x%02x", (unsigned char)*c);
    }
}

static int add_row(void *argument, int columns, char **values, char **names) {
    char *text = argument;
    (void)names;
    for (int i = 0; i < columns; i++) {
        if (i > 0 || *text) add_value(text, i > 0 ? " " : ", ");
        add_value(text, values[i] ? values[i] : "NULL");
    }
    return 0;
}

/* Rows as text: "alice 750, bob 250". */
const char *script_ask(const char *sql) {
    static char text[ROWS_BYTES];
    sqlite3 *database = NULL;
    char *error = NULL;
    *text = '\0';
    int code = sqlite3_open_v2(BANK_FILE, &database, SQLITE_OPEN_READWRITE, NULL);
    if (code == SQLITE_OK) code = sqlite3_exec(database, sql, add_row, text, &error);
    if (code != SQLITE_OK) snprintf(text, sizeof text, "SQLite says: %s", error ? error : sqlite3_errmsg(database));
    sqlite3_free(error);
    sqlite3_close(database);
    return text;
}

/* " 750" for the first number in the body. */
static void add_number(char *text, size_t size, const struct api_response *r) {
    size_t at = strlen(text), i = 0;
    while (i < r->body_size && (r->body[i] < '0' || r->body[i] > '9')) i++;
    if (i == r->body_size || at + 2 >= size) return;
    text[at++] = ' ';
    if (i > 0 && r->body[i - 1] == '-') text[at++] = '-';
    while (i < r->body_size && r->body[i] >= '0' && r->body[i] <= '9' && at + 1 < size) text[at++] = r->body[i++];
    text[at] = '\0';
}

static void compare(char *text, size_t size, int32_t like, const struct api_response *r) {
    size_t at = strlen(text);
    const struct api_response *other = like > 0 && like <= count ? &sent[like - 1] : NULL;
    bool same = other && r->body_size == other->body_size && memcmp(r->body, other->body, r->body_size) == 0;
    snprintf(text + at, size - at, same ? ", the bytes of answer %d" : ", other bytes than answer %d", like);
}

#define SQL_SHOWN 60

static void add_left_open(char *text, size_t size) {
    size_t at = strlen(text);
    const char *sql = calls_left_open();
    if (sql)
        snprintf(text + at, size - at,
                 ", and holds a read lock: \"%.*s%s\" was stepped and is neither at its end nor reset", SQL_SHOWN, sql,
                 strlen(sql) > SQL_SHOWN ? "..." : "");
}

/* "201", "200 750", "201 replayed, the bytes of answer 1" if `like` is 1, or
 * "failed with 13"; and what the call has left behind. */
const char *script_send(const char *method, const char *path, const char *key, const void *body, size_t size,
                        int64_t now_ms, int32_t like) {
    static char text[256];
    if (!api || count == SENT_MAX) return "no bank is open";
    struct api_request request = {method, path, key, body, size, now_ms};
    struct api_response *r = &sent[count];
    *r = (struct api_response){.status = -1, .replayed = true, .body_size = sizeof r->body + 1};
    calls_begin();
    int code = api_handle(api, &request, r);
    calls_end();
    snprintf(text, sizeof text, code != 0 ? "failed with %d" : "%d", code != 0 ? code : r->status);
    if (code != 0) add_left_open(text, sizeof text);
    if (code != 0) return text;
    if (r->body_size > sizeof r->body) return "a body_size beyond the body";
    if (r->replayed) strcat(text, " replayed");
    if (r->status == 200) add_number(text, sizeof text, r);
    if (like > 0) compare(text, sizeof text, like, r);
    add_left_open(text, sizeof text);
    count++;
    return text;
}
