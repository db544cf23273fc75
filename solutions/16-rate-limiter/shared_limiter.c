/* SPDX-License-Identifier: MIT */
/* shared_limiter.c -- the reference: a script that the server runs as one step, known to it by its digest.
 *
 * A bucket is what it lacks, in millionths of a token, and when that was true, in microseconds of the server: each of
 * them is per_second millionths, so that Lua's doubles hold whole numbers only. */
#include "shared_limiter.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 1000000
#define PATH_MAX_BYTES 100
#define KEY_MAX_BYTES 256

static const char script[] =
    "local time = redis.call('TIME') "
    "local now, lacks = time[1] * 1000000 + time[2], 0 "
    "local rate, burst, cost = tonumber(ARGV[1]), ARGV[2] * 1000000, ARGV[3] * 1000000 "
    "local kept = redis.call('GET', KEYS[1]) "
    "if kept then "
    "  local before, at = string.match(kept, '(%d+) (%d+)') "
    "  at = tonumber(at) "
    "  lacks = math.max(0, before - math.max(0, now - at) * rate) "
    "  now = math.max(now, at) " /* a server's clock goes back, too */
    "end "
    "if lacks + cost > burst then return {0, math.ceil((lacks + cost - burst) / rate / 1000)} end "
    "lacks = lacks + cost "
    "redis.call('SET', KEYS[1], string.format('%.0f %.0f', lacks, now), 'PX', math.ceil(lacks / rate / 1000) + 1000) "
    "return {1, 0}";

struct shared_limiter {
    redisContext *connection; /* NULL: the next call makes one */
    struct timeval timeout;
    char path[PATH_MAX_BYTES], per_second[8], burst[8];
    char digest[64];
};

struct shared_limiter *shared_new(const char *path, uint64_t per_second, uint64_t burst, uint32_t timeout_ms) {
    if (!path || strlen(path) >= PATH_MAX_BYTES || timeout_ms == 0) return NULL;
    if (per_second == 0 || per_second > MOST || burst == 0 || burst > MOST) return NULL;
    struct shared_limiter *l = calloc(1, sizeof *l);
    if (!l) return NULL;
    strcpy(l->path, path);
    snprintf(l->per_second, sizeof l->per_second, "%u", (unsigned)per_second);
    snprintf(l->burst, sizeof l->burst, "%u", (unsigned)burst);
    l->timeout = (struct timeval){timeout_ms / 1000, timeout_ms % 1000 * 1000};
    return l;
}

static void disconnect(struct shared_limiter *l) {
    if (l->connection) redisFree(l->connection);
    l->connection = NULL;
}

void shared_free(struct shared_limiter *l) {
    if (!l) return;
    disconnect(l);
    free(l);
}

/* Of the call that has just failed; errno is still its own. */
static int error_of(const redisContext *c) {
    if (!c) return -ENOMEM;
    if (c->err == REDIS_ERR_EOF) return -ECONNRESET;
    if (c->err != REDIS_ERR_IO || errno == 0) return -EPROTO;
    return errno == EAGAIN || errno == EWOULDBLOCK ? -ETIMEDOUT : -errno;
}

/* NULL: none came, and *error says why. */
static redisReply *ask(struct shared_limiter *l, int count, const char **words, const size_t *sizes, int *error) {
    errno = 0;
    redisReply *reply = redisCommandArgv(l->connection, count, words, sizes);
    if (!reply) *error = error_of(l->connection);
    return reply;
}

/* Connects, and lets the server learn the script. 0 or a negative errno. */
static int connect_first(struct shared_limiter *l) {
    int error = -EPROTO;
    if (l->connection) return 0;
    errno = 0;
    l->connection = redisConnectUnixWithTimeout(l->path, l->timeout);
    if (!l->connection || l->connection->err) return error_of(l->connection);
    if (redisSetTimeout(l->connection, l->timeout) != REDIS_OK) return error_of(l->connection);
    redisReply *reply = ask(l, 3, (const char *[]){"SCRIPT", "LOAD", script}, NULL, &error);
    bool loaded = reply && reply->type == REDIS_REPLY_STRING && reply->len < sizeof l->digest;
    if (loaded) strcpy(l->digest, reply->str);
    if (reply) freeReplyObject(reply);
    return loaded ? 0 : error;
}

static bool is_forgotten(const redisReply *reply) {
    return reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "NOSCRIPT", 8) == 0;
}

static int read_answer(const redisReply *reply, uint64_t *retry_after_ms) {
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2) return -EPROTO;
    const redisReply *allowed = reply->element[0], *wait = reply->element[1];
    if (allowed->type != REDIS_REPLY_INTEGER || wait->type != REDIS_REPLY_INTEGER) return -EPROTO;
    *retry_after_ms = (uint64_t)wait->integer;
    return allowed->integer == 1;
}

/* By the digest; a server that has none by that name has done nothing, and is sent the script. */
static int take(struct shared_limiter *l, const char *name, const char *cost, uint64_t *retry_after_ms) {
    const char *words[] = {"EVALSHA", l->digest, "1", name, l->per_second, l->burst, cost};
    int error = connect_first(l);
    if (error) return error;
    redisReply *reply = ask(l, 7, words, NULL, &error);
    if (reply && is_forgotten(reply)) {
        freeReplyObject(reply);
        words[0] = "EVAL", words[1] = script;
        reply = ask(l, 7, words, NULL, &error);
    }
    if (!reply) return error;
    int answer = read_answer(reply, retry_after_ms);
    freeReplyObject(reply);
    return answer;
}

int shared_allow(struct shared_limiter *l, const char *key, uint64_t cost, uint64_t *retry_after_ms) {
    char name[KEY_MAX_BYTES + 32], amount[24];
    if (strlen(key) > KEY_MAX_BYTES) return -EINVAL;
    bool never = cost > strtoull(l->burst, NULL, 10);
    if (never || cost == 0) {
        *retry_after_ms = never ? UINT64_MAX : 0;
        return !never;
    }
    snprintf(name, sizeof name, "limiter:%s:%s:%s", l->per_second, l->burst, key);
    snprintf(amount, sizeof amount, "%u", (unsigned)cost);
    int answer = take(l, name, amount, retry_after_ms);
    if (answer < 0) disconnect(l); /* what may still come on it is not for the next call */
    return answer;
}
