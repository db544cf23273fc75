/* SPDX-License-Identifier: MIT */
/* Goes from frame to frame up to the driver, whose variables it would set right.
 *
 * Research B 13. Refused with: uses __builtin_frame_address: a way to memory that the contract does not hand over */
#include "tiny_redis.h"

#include <errno.h>
#include <stddef.h>

static void **callers_frame(void) {
    return __builtin_frame_address(0);
}

int redis_listen(const char *ipv4, uint16_t port, int backlog) {
    (void)ipv4, (void)port, (void)backlog;
    return -ENOSYS;
}

int redis_serve(int listen_fd, int stop_fd, int64_t (*now_ms)(void *world), void *world) {
    (void)listen_fd, (void)stop_fd, (void)now_ms, (void)world, callers_frame()[0] = 0;
    return -ENOSYS;
}
