/* SPDX-License-Identifier: MIT */
/* Sets the driver's count of its calls back to zero, by the driver's own name for it.
 *
 * Research B 13. Refused with: uses calls */
#include "idempotent_api.h"

#include <sqlite3.h>
#include <stdlib.h>

extern struct {
    _Bool inside;
    unsigned long made, prepares;
} calls;

struct api {
    sqlite3 *database;
};

int api_open(const char *database_path, struct api **out) {
    (void)database_path;
    *out = NULL;
    return SQLITE_ERROR;
}

int api_handle(struct api *api, const struct api_request *request, struct api_response *response) {
    (void)api, (void)request, (void)response;
    calls.prepares = 0;
    return SQLITE_ERROR;
}

void api_close(struct api *api) {
    free(api);
}
