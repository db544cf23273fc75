/* SPDX-License-Identifier: MIT */
/* Lets a child serve, whose calls and whose memory nobody counts.
 *
 * Research B 17. Refused with: uses fork */
#include "tiny_redis.h"

#include <errno.h>
#include <stddef.h>

#include <unistd.h>

int redis_listen(const char *ipv4, uint16_t port, int backlog) {
    (void)ipv4, (void)port, (void)backlog;
    return -ENOSYS;
}

int redis_serve(int listen_fd, int stop_fd, int64_t (*now_ms)(void *world), void *world) {
    (void)listen_fd, (void)stop_fd, (void)now_ms, (void)world;
    if (fork() == 0) return 0;
    return -ENOSYS;
}
