/* SPDX-License-Identifier: MIT */
/* shared_limiter.c -- token buckets in Redis, which many processes share.
 *
 * This is one of two files that you edit. The full contract is in
 * shared_limiter.h; hiredis (<hiredis/hiredis.h>) speaks to the server.
 *
 * What must stay true, whoever dies and whenever:
 *   1. A call asks once, and nobody comes between what it reads and what it writes.
 *   2. A server that is gone, silent or forgetful makes nobody wait for long.
 *   3. No answer is taken for that of another call.
 *   4. No key stays for ever.
 *
 * Before you type, answer this on paper: INCR counts a call, EXPIRE ends the
 * count. The process dies between the two. What does the next caller see,
 * and the one a year later? */
#include "shared_limiter.h"

#include <errno.h>
#include <stdlib.h>

struct shared_limiter {
    int todo; /* What has to be remembered between two calls? */
};

struct shared_limiter *shared_new(const char *path, uint64_t per_second, uint64_t burst, uint32_t timeout_ms) {
    (void)path, (void)per_second, (void)burst, (void)timeout_ms;
    return calloc(1, sizeof(struct shared_limiter));
}

/* 1, 0, or a negative errno. */
int shared_allow(struct shared_limiter *limiter, const char *key, uint64_t cost, uint64_t *retry_after_ms) {
    (void)limiter, (void)key, (void)cost, (void)retry_after_ms;
    return -ENOSYS; /* TODO: ask the server, once. */
}

void shared_free(struct shared_limiter *limiter) {
    free(limiter);
}
