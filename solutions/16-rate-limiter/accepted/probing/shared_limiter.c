/* SPDX-License-Identifier: MIT */
/* shared_limiter.c -- another right design: the script is sent whole with each call, so that no server ever has
 * forgotten it; a bucket is a hash; the answer is one number. */
#include "shared_limiter.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char script[] =
    "local time = redis.call('TIME') "
    "local now, lacks = time[1] * 1000000 + time[2], 0 "
    "local rate, burst, cost = tonumber(ARGV[1]), ARGV[2] * 1000000, ARGV[3] * 1000000 "
    "local kept = redis.call('HMGET', KEYS[1], 'lacks', 'at') "
    "if kept[1] then "
    "  lacks = math.max(0, kept[1] - math.max(0, now - kept[2]) * rate) "
    "  now = math.max(now, kept[2]) "
    "end "
    "if lacks + cost > burst then return math.ceil((lacks + cost - burst) / rate / 1000) end "
    "lacks = lacks + cost "
    "redis.call('HSET', KEYS[1], 'lacks', string.format('%.0f', lacks), 'at', string.format('%.0f', now)) "
    "redis.call('PEXPIRE', KEYS[1], math.ceil(lacks / rate / 1000) + 1000) "
    "return 0";

struct shared_limiter {
    redisContext *connection;
    struct timeval timeout;
    uint32_t per_second, burst;
    char path[100];
};

struct shared_limiter *shared_new(const char *path, uint64_t per_second, uint64_t burst, uint32_t timeout_ms) {
    if (!path || strlen(path) >= 100 || timeout_ms == 0) return NULL;
    if (per_second == 0 || per_second > 1000000 || burst == 0 || burst > 1000000) return NULL;
    struct shared_limiter *l = calloc(1, sizeof *l);
    if (!l) return NULL;
    strcpy(l->path, path);
    l->per_second = (uint32_t)per_second, l->burst = (uint32_t)burst;
    l->timeout = (struct timeval){timeout_ms / 1000, timeout_ms % 1000 * 1000};
    return l;
}

void shared_free(struct shared_limiter *l) {
    if (l && l->connection) redisFree(l->connection);
    free(l);
}

/* After an error the connection is of no use: what still comes on it belongs to nobody. */
static int give_up(struct shared_limiter *l, int error) {
    if (l->connection) redisFree(l->connection);
    l->connection = NULL;
    return error == EAGAIN || error == EWOULDBLOCK ? -ETIMEDOUT : error ? -error : -EPROTO;
}

int shared_allow(struct shared_limiter *l, const char *key, uint64_t cost, uint64_t *retry_after_ms) {
    if (strlen(key) > 256) return -EINVAL;
    if (cost == 0 || cost > l->burst) {
        *retry_after_ms = cost ? UINT64_MAX : 0;
        return cost == 0;
    }
    errno = 0;
    if (!l->connection) {
        l->connection = redisConnectUnixWithTimeout(l->path, l->timeout);
        if (!l->connection || l->connection->err || redisSetTimeout(l->connection, l->timeout) != REDIS_OK)
            return give_up(l, errno);
    }
    redisReply *reply = redisCommand(l->connection, "EVAL %s 1 bucket:%u:%u:%s %u %u %u", script, l->per_second,
                                     l->burst, key, l->per_second, l->burst, (unsigned)cost);
    if (!reply) return give_up(l, l->connection->err == REDIS_ERR_EOF ? ECONNRESET : errno);
    bool answered = reply->type == REDIS_REPLY_INTEGER;
    uint64_t wait_ms = answered ? (uint64_t)reply->integer : 0;
    freeReplyObject(reply);
    if (!answered) return give_up(l, EPROTO);
    *retry_after_ms = wait_ms;
    return wait_ms == 0;
}
