/* SPDX-License-Identifier: MIT */
/* calls.c -- the learner's calls of SQLite pass through here (ld --wrap): they
 * are counted, and a driver may stop before each. The driver's own calls come
 * the same way, and count for nothing. */
#include <sqlite3.h>

#include "driver.h"

#define STEPPED_MAX 64

struct calls calls;

/* Statements that have been stepped since calls_begin() and not been finalized. */
static sqlite3_stmt *stepped[STEPPED_MAX];

void calls_begin(void) {
    calls = (struct calls){.inside = true};
    for (int i = 0; i < STEPPED_MAX; i++) stepped[i] = NULL;
}

const char *calls_left_open(void) {
    for (int i = 0; i < STEPPED_MAX; i++)
        if (stepped[i] && sqlite3_stmt_busy(stepped[i])) return sqlite3_sql(stepped[i]);
    return NULL;
}

static void forget_stepped(const sqlite3_stmt *s) {
    for (int i = 0; i < STEPPED_MAX; i++)
        if (stepped[i] == s) stepped[i] = NULL;
}

static void note_stepped(sqlite3_stmt *s) {
    forget_stepped(s);
    for (int i = 0; i < STEPPED_MAX; i++) {
        if (stepped[i]) continue;
        stepped[i] = s;
        return;
    }
}

void calls_end(void) {
    calls.inside = false;
}

static void count(uint64_t prepares) {
    if (!calls.inside) return;
    calls.prepares += prepares;
    if (++calls.made == calls.stop_at) calls.stop();
}

int __real_sqlite3_step(sqlite3_stmt *s);
int __wrap_sqlite3_step(sqlite3_stmt *s);
int __wrap_sqlite3_step(sqlite3_stmt *s) {
    count(0);
    int scan = sqlite3_stmt_status(s, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0);
    int steps = sqlite3_stmt_status(s, SQLITE_STMTSTATUS_VM_STEP, 0);
    int code = __real_sqlite3_step(s);
    if (calls.inside) {
        note_stepped(s);
        calls.scan_steps += (unsigned)(sqlite3_stmt_status(s, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0) - scan);
        calls.vm_steps += (unsigned)(sqlite3_stmt_status(s, SQLITE_STMTSTATUS_VM_STEP, 0) - steps);
    }
    return code;
}

int __real_sqlite3_reset(sqlite3_stmt *s);
int __wrap_sqlite3_reset(sqlite3_stmt *s);
int __wrap_sqlite3_reset(sqlite3_stmt *s) {
    count(0);
    return __real_sqlite3_reset(s);
}

int __real_sqlite3_finalize(sqlite3_stmt *s);
int __wrap_sqlite3_finalize(sqlite3_stmt *s);
int __wrap_sqlite3_finalize(sqlite3_stmt *s) {
    count(0);
    forget_stepped(s);
    return __real_sqlite3_finalize(s);
}

typedef int (*row)(void *, int, char **, char **);
int __real_sqlite3_exec(sqlite3 *d, const char *sql, row each, void *argument, char **error);
int __wrap_sqlite3_exec(sqlite3 *d, const char *sql, row each, void *argument, char **error);
int __wrap_sqlite3_exec(sqlite3 *d, const char *sql, row each, void *argument, char **error) {
    count(1);
    return __real_sqlite3_exec(d, sql, each, argument, error);
}

int __real_sqlite3_prepare_v2(sqlite3 *d, const char *sql, int size, sqlite3_stmt **out, const char **tail);
int __wrap_sqlite3_prepare_v2(sqlite3 *d, const char *sql, int size, sqlite3_stmt **out, const char **tail);
int __wrap_sqlite3_prepare_v2(sqlite3 *d, const char *sql, int size, sqlite3_stmt **out, const char **tail) {
    count(1);
    return __real_sqlite3_prepare_v2(d, sql, size, out, tail);
}

int __real_sqlite3_prepare_v3(sqlite3 *d, const char *sql, int size, unsigned flags, sqlite3_stmt **out,
                              const char **tail);
int __wrap_sqlite3_prepare_v3(sqlite3 *d, const char *sql, int size, unsigned flags, sqlite3_stmt **out,
                              const char **tail);
int __wrap_sqlite3_prepare_v3(sqlite3 *d, const char *sql, int size, unsigned flags, sqlite3_stmt **out,
                              const char **tail) {
    count(1);
    return __real_sqlite3_prepare_v3(d, sql, size, flags, out, tail);
}
