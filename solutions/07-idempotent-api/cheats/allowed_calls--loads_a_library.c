/* SPDX-License-Identifier: MIT */
/* Has SQLite load a library, in which everything is allowed.
 *
 * Research B 19. Refused with: uses sqlite3_enable_load_extension */
#include "idempotent_api.h"

#include <sqlite3.h>
#include <stdlib.h>

struct api {
    sqlite3 *database;
};

int api_open(const char *database_path, struct api **out) {
    (void)database_path;
    *out = NULL;
    sqlite3_enable_load_extension(NULL, 1);
    return SQLITE_ERROR;
}

int api_handle(struct api *api, const struct api_request *request, struct api_response *response) {
    (void)api, (void)request, (void)response;
    return SQLITE_ERROR;
}

void api_close(struct api *api) {
    free(api);
}
