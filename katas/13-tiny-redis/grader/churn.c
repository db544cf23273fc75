/* SPDX-License-Identifier: MIT */
/* churn.c -- every command: once on a key of its type, in each of the first rounds, and then by chance, thousands of
 * times, on keys of all types: for the sanitizers, and for leaks.
 *
 *   churn  rounds
 *
 * Evidence: `answers`, `served`. */
#include <stdio.h>
#include <string.h>

#include "driver.h"
#include "evidence.h"
#include "rng.h"
#include "scenario.h"

enum { KEYS = 40, AT_ONCE = 50, TOURS = 4 };

/* What of a type is made, found, changed, replaced and removed, wholly and in part. */
static const char *const tour[AT_ONCE] = {
    "FLUSHALL\r\n",
    "SET t v EX 100\r\n",
    "APPEND t tail\r\n",
    "SETRANGE t 90 x\r\n",
    "GETRANGE t -3 100\r\n",
    "STRLEN t\r\n",
    "GETSET t w\r\n",
    "SET t 5 KEEPTTL GET\r\n",
    "INCR t\r\n",
    "DECRBY t 3\r\n",
    "EXPIRE t 50\r\n",
    "PEXPIRE t 20000\r\n",
    "PERSIST t\r\n",
    "GETDEL t\r\n",
    "MSET t 1 u 2\r\n",
    "MSETNX t 1 w 2\r\n",
    "MGET t u\r\n",
    "KEYS t*\r\n",
    "DEL t u\r\n",
    "HSET h f v g w n 7\r\n",
    "HSET h f longer\r\n",
    "HINCRBY h n 3\r\n",
    "HGET h n\r\n",
    "HDEL h f\r\n",
    "HGETALL h\r\n",
    "HLEN h\r\n",
    "HDEL h g n\r\n",
    "RPUSH l a b c\r\n",
    "LPUSH l d e\r\n",
    "LRANGE l 0 -1\r\n",
    "LPOP l\r\n",
    "RPOP l\r\n",
    "LLEN l\r\n",
    "LPOP l 2\r\n",
    "RPOP l 2\r\n",
    "ZADD z 1 a 2 b 3 c\r\n",
    "ZADD z 4 a 0 c\r\n",
    "ZADD z 4 a\r\n",
    "ZRANK z b\r\n",
    "ZREM z b\r\n",
    "ZSCORE z a\r\n",
    "ZRANGE z 0 -1 WITHSCORES\r\n",
    "ZREM z a c d\r\n",
    "ZADD z 1 a 2 b\r\n",
    "LPUSH z a\r\n",
    "SET z v\r\n",
    "RPUSH l a b\r\n",
    "EXPIREAT l 1\r\n",
    "HSET h f v\r\n",
    "DEL h\r\n",
};

static const char *const forms[] = {
    "SET k%u value%u EX 100\r\n",
    "GET k%u\r\n",
    "APPEND k%u tail\r\n",
    "SETRANGE k%u 90 x\r\n",
    "GETDEL k%u\r\n",
    "GETSET k%u w\r\n",
    "SET k%u v KEEPTTL GET\r\n",
    "MSET k%u 1 m%u 2\r\n",
    "MSETNX k%u 1 m%u 2\r\n",
    "MGET k%u m%u\r\n",
    "INCR k%u\r\n",
    "DECRBY k%u 5\r\n",
    "GETRANGE k%u -3 100\r\n",
    "STRLEN k%u\r\n",
    "DEL k%u\r\n",
    "TYPE k%u\r\n",
    "HSET k%u f%u v g w\r\n",
    "HGET k%u f%u\r\n",
    "HDEL k%u f%u g\r\n",
    "HGETALL k%u\r\n",
    "HINCRBY k%u n%u 3\r\n",
    "LPUSH k%u a%u b\r\n",
    "RPUSH k%u a b c\r\n",
    "LPOP k%u 2\r\n",
    "RPOP k%u\r\n",
    "LRANGE k%u 0 -1\r\n",
    "ZADD k%u 1 m%u 2 n\r\n",
    "ZADD k%u 0 n 5 m%u\r\n",
    "ZREM k%u m%u\r\n",
    "ZRANGE k%u 0 -1 WITHSCORES\r\n",
    "ZRANK k%u m%u\r\n",
    "EXPIRE k%u 50\r\n",
    "PEXPIRE k%u 20\r\n",
    "PERSIST k%u\r\n",
    "TTL k%u\r\n",
    "KEYS k%u*\r\n",
    "EXPIREAT k%u 1\r\n",
    "EXISTS k%u m%u\r\n",
    "nosuch k%u m%u\r\n",
    "GET k%u m%u\r\n",
};
enum { FORMS = sizeof forms / sizeof *forms };

void churn(uint64_t seed) {
    struct rng rng = rng_new(seed, 0);
    uint64_t answers = 0;
    int64_t now = 1700000000000;
    if (server_start(now) != 0)
        evidence_broken_off("redis_listen", "refused a port of the loopback", "a listener", "redis_listen");
    talk_connect();
    for (uint64_t round = 0; round < scenario_param("rounds"); round++) {
        char lines[AT_ONCE * 64];
        size_t size = 0;
        for (int i = 0; i < AT_ONCE; i++) {
            unsigned key = (unsigned)rng_below(&rng, KEYS), other = (unsigned)rng_below(&rng, KEYS);
            const char *form = round < TOURS ? tour[i] : forms[rng_below(&rng, FORMS)];
            size += (size_t)snprintf(lines + size, 64, form, key, other);
        }
        talk_send(lines, size);
        const char *answer;
        for (int i = 0; i < AT_ONCE; i++) answers += talk_answer(&answer) > 0;
        if (round % 8 == 0) server_clock(now += (int64_t)rng_below(&rng, 30));
        if (round % 512 == 511) answers += talk_ask("FLUSHALL\r\n", &answer) > 0 ? 0 : 1000;
        evidence_progress();
    }
    talk_close();
    evidence_count("served", server_stop() == 0 ? 1 : 0);
    evidence_count("answers", answers);
}
