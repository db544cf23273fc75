/* SPDX-License-Identifier: MIT */
/* shared_limiter.h -- the same bucket for many processes: what it holds is kept in Redis.
 *
 * A shared_limiter is used by one thread at a time; each process, and each thread that wants to, has its own. All that
 * have the same per_second and burst, and ask the same Redis, share a bucket for each key, whose rules are those of
 * limiter.h; those with another per_second or burst have buckets of their own. The clock is the server's, whatever the
 * processes' own clocks say: it counts microseconds, and what is less than one may be rounded in each call, against the
 * caller. If it goes back, a bucket may take the latest moment that it has known for now.
 *
 * shared_allow asks once: one request goes out, and one answer comes back. What the server has to do for it, it does
 * as one step: no other request comes between, and a process that dies leaves nothing half done. Only the first call on
 * a connection, and the call that meets a server which has forgotten a script (NOSCRIPT), may ask twice.
 *
 * Answers: 1, the tokens were there and are taken, and *retry_after_ms is 0; 0, they were not, nothing is taken, and
 * *retry_after_ms is the time until the same call would be allowed, rounded up, or UINT64_MAX if cost is above burst;
 * or, where nobody knows, a negative errno, with *retry_after_ms unchanged: the caller then has to refuse. Of that kind
 * are
 *
 *   -ETIMEDOUT   the server takes no connection, or does not send a byte, for timeout_ms
 *   -EINVAL      the key is longer than 256 bytes
 *   others       there is no server, it has closed the connection, it reports an error, or its answer is none
 *
 * After a negative answer the next call begins with a new connection. So a server that comes back is asked again, and
 * an answer that comes too late is never taken for that of a later call. A call takes `cost` from a bucket at most
 * once: what was sent is not sent again when the answer does not come. A server that has restarted between two calls
 * may make the first one fail; the second succeeds. What a restarted server has forgotten is full again.
 *
 * Keys in Redis expire: within two seconds after the bucket is full.
 *
 * 1 <= per_second <= 1,000,000, 1 <= burst <= 1,000,000; a cost of 0 is allowed and takes nothing. The process ignores
 * SIGPIPE. Nothing is kept open or allocated after shared_free. */
#ifndef SHARED_LIMITER_H
#define SHARED_LIMITER_H

#include <stdint.h>

struct shared_limiter;

/* `path`: of the server's Unix socket, shorter than 100 bytes; it is copied. Asks nobody yet, and
 * makes no connection. NULL: an argument is out of its range, timeout_ms is 0, or there is no memory. */
struct shared_limiter *shared_new(const char *path, uint64_t per_second, uint64_t burst, uint32_t timeout_ms);

/* `key`: a string, any bytes. `retry_after_ms`: not NULL. */
int shared_allow(struct shared_limiter *limiter, const char *key, uint64_t cost, uint64_t *retry_after_ms);

/* NULL does nothing. */
void shared_free(struct shared_limiter *limiter);

#endif
