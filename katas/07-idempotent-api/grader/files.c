/* SPDX-License-Identifier: MIT */
/* files.c -- how large the database's files become, and whether a lock keeps them so.
 *
 *   files  transfers, others
 *
 * A handle is opened, and handles one request of each kind. After each of these
 * calls no request is handled, and the write-ahead log is taken into the database:
 * `held`, whether a lock was in the way of that, 1 for api_open and 1 for each
 * kind (enum kind).
 *
 * Then so many transfers: `bytes`, of the database and the files beside it. Then
 * so many requests of each kind that stores nothing: `pages_before` and
 * `pages_after`, those in use. Also `opened`, and `wrong`: requests not answered
 * with the status that their kind has. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "driver.h"
#include "evidence.h"
#include "graders_own.h"
#include "kinds.h"
#include "scenario.h"

static const enum kind storing_nothing[] = {REPLAY, REUSED, UNKNOWN, MALFORMED, NO_KEY, TOO_RICH, BALANCE, NOBODY};

static HANDED_OVER struct api *api;
static uint64_t serial, wrong;

static void ask(enum kind kind, const char *key) {
    wrong += !kind_ask(api, kind, key);
    if (++serial % 500 == 0) evidence_progress();
}

static uint64_t log_is_held(void) {
    return bank_number("PRAGMA wal_checkpoint(TRUNCATE)") != 0;
}

static void hold_nothing(uint64_t held[1 + KINDS]) {
    held[0] = log_is_held();
    for (enum kind kind = 0; kind < KINDS; kind++) {
        char key[32];
        snprintf(key, sizeof key, "held-%d", (int)kind);
        if (kind_needs_answer(kind)) ask(FRESH, key);
        ask(kind, key);
        held[1 + kind] = log_is_held();
    }
}

static void make_transfers(uint64_t transfers) {
    for (uint64_t i = 0; i < transfers; i++) {
        char key[32];
        snprintf(key, sizeof key, "stored-%llu", (unsigned long long)i);
        ask(FRESH, key);
    }
}

static void store_nothing(uint64_t others) {
    for (size_t i = 0; i < sizeof storing_nothing / sizeof *storing_nothing; i++) {
        enum kind kind = storing_nothing[i];
        for (uint64_t n = 0; n < others; n++) ask(kind, kind_needs_answer(kind) ? "stored-0" : "free");
    }
}

/* Of every file here whose name begins with that of the database. */
static uint64_t bytes_on_disk(void) {
    uint64_t bytes = 0;
    DIR *folder = opendir(".");
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        struct stat status;
        if (strncmp(entry->d_name, BANK_FILE, strlen(BANK_FILE)) == 0 && stat(entry->d_name, &status) == 0)
            bytes += (uint64_t)status.st_size;
    }
    if (folder) closedir(folder);
    return bytes;
}

static uint64_t pages_in_use(void) {
    return (uint64_t)bank_number("SELECT (SELECT page_count FROM pragma_page_count()) -"
                                 " (SELECT freelist_count FROM pragma_freelist_count())");
}

void files(uint64_t seed) {
    (void)seed;
    uint64_t held[1 + KINDS];
    disk.virtual_sleep = true; /* a wait for a lock is in vain here */
    bank_remove();
    int code = api_open(BANK_FILE, &api);
    bool filled = code == 0 && kind_fill();
    evidence_count("opened", (uint64_t)(code != 0 ? 1000 + code : !filled));
    if (!filled) return;
    hold_nothing(held);
    make_transfers(scenario_param("transfers"));
    uint64_t bytes = bytes_on_disk(), before = pages_in_use();
    store_nothing(scenario_param("others"));
    evidence_count("pages_before", before);
    evidence_count("pages_after", pages_in_use());
    evidence_count("bytes", bytes);
    evidence_count("wrong", wrong);
    evidence_series("held", held, 1 + KINDS);
    api_close(api);
}
