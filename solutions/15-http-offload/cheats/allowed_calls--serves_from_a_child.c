/* SPDX-License-Identifier: MIT */
/* Lets a child serve, whose calls and threads nobody counts.
 *
 * Research B 17. Refused with: uses fork */
#include "http_offload.h"

#include <errno.h>
#include <unistd.h>

int http_serve(int listen_fd, int stop_fd, struct http_limits limits, http_handler handler, void *world) {
    (void)listen_fd, (void)stop_fd, (void)limits, (void)handler, (void)world;
    if (fork() == 0) return 0;
    return -ENOSYS;
}
