/* SPDX-License-Identifier: MIT */
/* idempotent_api.c -- transfers that happen once, however often they are asked
 * for.
 *
 * This is the only file you edit. The types and the full contract are in
 * idempotent_api.h; run `bun kata hint 07` when you are stuck.
 *
 * What must stay true, whichever process dies and whichever is asked again:
 *   1. A key's transfer happens at most once, and once if 201 was answered.
 *   2. Every retry gets the first answer, byte for byte.
 *   3. What is not final leaves no trace: a retry runs.
 *
 * Before you type, answer this on paper: a process is killed between moving the
 * money and remembering the answer. What does the retry find? And if the two
 * change places? */
#include "idempotent_api.h"

#include <sqlite3.h>
#include <stdlib.h>

struct api {
    sqlite3 *database; /* TODO: which statements will every request need again? */
};

/* Opens the file, which other processes may be creating at the same time. */
int api_open(const char *database_path, struct api **out) {
    (void)database_path;
    *out = NULL;
    return SQLITE_ERROR; /* TODO: what has to exist before the first request, and what makes a key unique? */
}

/* Answers one request. */
int api_handle(struct api *api, const struct api_request *request, struct api_response *response) {
    (void)api, (void)request, (void)response;
    return SQLITE_ERROR; /* TODO: where does the transaction begin, and what must be inside it? */
}

/* Closes the handle; `api` may be NULL. */
void api_close(struct api *api) {
    free(api); /* TODO: does the handle own anything else? */
}
