/* SPDX-License-Identifier: MIT */
/* connections.c -- the connections that the learner's code opens and does not
 * close: sqlite3_open and its kin pass through here (ld --wrap), as in calls.c.
 * Sanitizers see what SQLite allocates, and not which call asked for it. */
#include <sqlite3.h>

#include "driver.h"

#define CONNECTIONS_MAX 64

static sqlite3 *connections[CONNECTIONS_MAX];

static void replace(const sqlite3 *old, sqlite3 *new) {
    for (int i = 0; i < CONNECTIONS_MAX; i++) {
        if (connections[i] != old) continue;
        connections[i] = new;
        return;
    }
}

struct left connections_left(void) {
    struct left left = {0};
    for (int i = 0; i < CONNECTIONS_MAX; i++) {
        if (!connections[i]) continue;
        left.connections++;
        for (sqlite3_stmt *s; (s = sqlite3_next_stmt(connections[i], NULL)); left.statements++) sqlite3_finalize(s);
        sqlite3_close(connections[i]); /* of no use any more; the call replaces it by NULL */
    }
    return left;
}

int __real_sqlite3_open(const char *path, sqlite3 **out);
int __wrap_sqlite3_open(const char *path, sqlite3 **out);
int __wrap_sqlite3_open(const char *path, sqlite3 **out) {
    int code = __real_sqlite3_open(path, out);
    if (calls.inside) replace(NULL, *out); /* also after an error: closing it is the caller's business */
    return code;
}

int __real_sqlite3_open_v2(const char *path, sqlite3 **out, int flags, const char *vfs);
int __wrap_sqlite3_open_v2(const char *path, sqlite3 **out, int flags, const char *vfs);
int __wrap_sqlite3_open_v2(const char *path, sqlite3 **out, int flags, const char *vfs) {
    int code = __real_sqlite3_open_v2(path, out, flags, vfs);
    if (calls.inside) replace(NULL, *out);
    return code;
}

int __real_sqlite3_close(sqlite3 *d);
int __wrap_sqlite3_close(sqlite3 *d);
int __wrap_sqlite3_close(sqlite3 *d) {
    int code = __real_sqlite3_close(d); /* refused while a statement is left */
    if (d && code == SQLITE_OK) replace(d, NULL);
    return code;
}

int __real_sqlite3_close_v2(sqlite3 *d);
int __wrap_sqlite3_close_v2(sqlite3 *d);
int __wrap_sqlite3_close_v2(sqlite3 *d) {
    if (d) replace(d, NULL);
    return __real_sqlite3_close_v2(d);
}
