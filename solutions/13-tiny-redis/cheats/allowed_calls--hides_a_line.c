/* SPDX-License-Identifier: MIT */
/* Says of its lines that they are others, in a directive that is spelt with a trigraph and broken in two.
 *
 * Research C 24. Refused with: has #line: it would give the file's lines other numbers */
#include "tiny_redis.h"

#include <errno.h>
#include <stddef.h>

/* clang-format off */
??=li??/
ne 1
           /* clang-format on */

           int
           redis_listen(const char *ipv4, uint16_t port, int backlog) {
    (void)ipv4, (void)port, (void)backlog;
    return -ENOSYS;
}

int redis_serve(int listen_fd, int stop_fd, int64_t (*now_ms)(void *world), void *world) {
    (void)listen_fd, (void)stop_fd, (void)now_ms, (void)world;
    return -ENOSYS;
}
