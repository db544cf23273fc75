/* SPDX-License-Identifier: MIT */
/* tiny_redis.c -- Redis in one thread: RESP, and keys in memory.
 *
 * This is the only file you edit. The full contract is in tiny_redis.h; run
 * `bun kata hint 13` when you are stuck.
 *
 * What must stay true, whatever the clients do:
 *   1. Each whole request gets its one answer, in order, byte for byte Redis'.
 *   2. No command and no expiry holds all others up: work is done in small steps.
 *   3. A command that fails, for want of memory too, has changed nothing.
 *
 * Before you type, answer this on paper: a read brings two requests and the
 * first half of a third. Which bytes do you keep, and what do you know about the
 * third one when its next byte comes? */
#include "tiny_redis.h"

#include <errno.h>

int redis_listen(const char *ipv4, uint16_t port, int backlog) {
    (void)ipv4, (void)port, (void)backlog;
    return -ENOSYS; /* TODO: a socket that listens, or the reason why not. */
}

/* What do you have to remember about a connection between two events, and about a key? */
int redis_serve(int listen_fd, int stop_fd, int64_t (*now_ms)(void *world), void *world) {
    (void)listen_fd, (void)stop_fd, (void)now_ms, (void)world;
    return -ENOSYS; /* TODO: wait for events until stop_fd is readable; serve rules 1 to 3. */
}
