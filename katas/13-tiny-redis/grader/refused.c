/* SPDX-License-Identifier: MIT */
/* refused.c -- each command without memory: its first allocation refused, the second, and so
 * on, until it asks for no more. What the keys are before and after it is compared.
 *
 * Evidence: a row of `attempts` for each refusal. */
#include <stdlib.h>
#include <string.h>

#include "driver.h"
#include "evidence.h"
#include "heap.h"

enum outcome { RIGHT, REFUSED, CLOSED, WRONG_ANSWER, CHANGED };

EVIDENCE_ROW(attempt, command, nth, outcome);

#define NTH_MAX 40
#define ATTEMPTS_MAX 2048
#define DUMP_BYTES 65536

static const char *const setup =
    "SET a 1234567890123456789012345\r\nSET n 7\r\nHSET h f 1 g 2\r\nRPUSH l 1 2 3\r\nZADD z 1 m 2 n\r\n";
enum { SETUP_ANSWERS = 5 };
static const char *const probes = "GET a\r\nTTL a\r\nGET n\r\nHGETALL h\r\nLRANGE l 0 -1\r\nZRANGE z 0 -1 "
                                  "WITHSCORES\r\nGET b\r\nTTL b\r\nTYPE b\r\nGET c\r\nHLEN i\r\nDBSIZE\r\n";
enum { PROBE_ANSWERS = 12 };

#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X400 X50 X50 X50 X50 X50 X50 X50 X50

/* checks.ts names them by number. */
static const char *const commands[] = {
    "SET b " X50 " EX 100\r\n",
    "SET a " X50 " GET EX 100\r\n",
    "GETSET a 1\r\n",
    "GETDEL a\r\n",
    "APPEND a " X400 "\r\n",
    "APPEND b " X50 "\r\n",
    "SETRANGE a 2000 x\r\n",
    "SETRANGE b 2000 x\r\n",
    "MSET a 1 b 2 c 3\r\n",
    "MSETNX b 2 c 3\r\n",
    "INCRBY n 5\r\n",
    "INCR b\r\n",
    "EXPIRE a 100\r\n",
    "HSET h f 9 k " X50 " q 1\r\n",
    "HSET i f 1 g 2 k 3 m 4 n 5\r\n",
    "HINCRBY h new 5\r\n",
    "HINCRBY i new 5\r\n",
    "LPUSH l 4 5 6\r\n",
    "RPUSH b 4 5 6\r\n",
    "LPOP l 3\r\n",
    "ZADD z 9 m 3 o 0 p\r\n",
    "ZADD b 9 m 3 o\r\n",
    "GET a\r\n",
    "LRANGE l 0 -1\r\n",
    "KEYS *\r\n",
};

static struct attempt attempts[ATTEMPTS_MAX];
static size_t count;

/* The keys, as one text. */
static size_t dump(char *to) {
    size_t size = 0;
    talk_send(probes, strlen(probes));
    for (int i = 0; i < PROBE_ANSWERS; i++) {
        const char *answer;
        size_t n = talk_answer(&answer);
        if (size + n > DUMP_BYTES) abort();
        memcpy(to + size, answer, n);
        size += n;
    }
    return size;
}

/* A new server, so that nothing is left of what was asked for before. */
static void begin(void) {
    const char *answer;
    talk_close();
    (void)server_stop(); /* another check's */
    if (server_start(1700000000000) != 0)
        evidence_broken_off("redis_listen", "refused a port of the loopback", "a listener", "redis_listen");
    talk_connect();
    talk_send(setup, strlen(setup));
    for (int i = 0; i < SETUP_ANSWERS; i++) (void)talk_answer(&answer);
}

struct known {
    char answer[DUMP_BYTES], before[DUMP_BYTES], after[DUMP_BYTES];
    size_t answer_size, before_size, after_size;
};

static bool same(const char *a, size_t a_size, const char *b, size_t b_size) {
    return a_size == b_size && memcmp(a, b, a_size) == 0;
}

static enum outcome outcome_of(const struct known *k, const char *answer, size_t size) {
    static char now[DUMP_BYTES], copy[DUMP_BYTES];
    static const char oom[] = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
    if (size > sizeof copy) size = sizeof copy;
    memcpy(copy, answer, size);
    if (size == 0) talk_connect();
    size_t now_size = dump(now);
    bool right = same(copy, size, k->answer, k->answer_size), refused = same(copy, size, oom, sizeof oom - 1);
    if (right) return same(now, now_size, k->after, k->after_size) ? RIGHT : CHANGED;
    if (size > 0 && !refused) return WRONG_ANSWER;
    if (!same(now, now_size, k->before, k->before_size)) return CHANGED;
    return refused ? REFUSED : CLOSED;
}

static void try(size_t command) {
    static struct known k;
    const char *answer = "";
    begin();
    k.before_size = dump(k.before);
    k.answer_size = talk_ask(commands[command], &answer);
    memcpy(k.answer, answer, k.answer_size);
    k.after_size = dump(k.after);
    for (uint64_t nth = 1; nth <= NTH_MAX; nth++) {
        begin();
        heap_refuse_only(nth);
        size_t size = talk_ask(commands[command], &answer);
        bool refused = heap_refused_at() != 0;
        heap_refuse_only(0);
        if (!refused) return;
        enum outcome outcome = outcome_of(&k, answer, size);
        if (count < ATTEMPTS_MAX) attempts[count++] = (struct attempt){command, nth, outcome};
        evidence_progress();
    }
}

void refusals(uint64_t seed) {
    (void)seed; /* the same every time */
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) try(i);
    talk_close();
    (void)server_stop(); /* another check's */
    evidence_rows("attempts", attempt, attempts, count);
}
