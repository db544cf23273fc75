/* SPDX-License-Identifier: MIT */
/* server.c -- what server.ts calls: one handle in a process that may be made
 * to die inside a request. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "driver.h"

int32_t server_open(const char *path, uint64_t die_at);
int32_t server_request(const char *method, const char *path, const char *key, const void *body, size_t size,
                       int64_t now_ms, struct api_response *response);
void server_close(void);

static struct api *api;

static void die(void) {
    kill(getpid(), SIGKILL);
}

/* `die_at`: before this call of SQLite, counted from 1 over all requests; 0:
 * never. */
int32_t server_open(const char *path, uint64_t die_at) {
    calls = (struct calls){.stop_at = die_at, .stop = die};
    return api_open(path, &api);
}

int32_t server_request(const char *method, const char *path, const char *key, const void *body, size_t size,
                       int64_t now_ms, struct api_response *response) {
    struct api_request request = {method, path, key, body, size, now_ms};
    response->status = -1, response->replayed = true, response->body_size = 0;
    calls.inside = true;
    int code = api_handle(api, &request, response);
    calls.inside = false;
    return code;
}

void server_close(void) {
    api_close(api);
    api = NULL;
}
