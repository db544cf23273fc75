/* SPDX-License-Identifier: MIT */
/* witness.c -- a server behind a socket file, for programs of others. */
#include <sys/socket.h>

#include "driver.h"

#define HEADER_MAX 8192
#define BODY_MAX (4 << 20)

static struct running server = {.limits = {2, 64, HEADER_MAX, BODY_MAX, UINT32_MAX, UINT32_MAX}, .handler = echo};
static struct door door;

void witness_start(const char *path);
void witness_start(const char *path) {
    server.path = path;
    server_start(&server, &door, AF_UNIX);
}

int witness_stop(void);
int witness_stop(void) {
    return server_stop(&server);
}
