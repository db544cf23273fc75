/* SPDX-License-Identifier: MIT */
/* redis.c -- the keys of the modelled Redis, and the commands on them.
 *
 * As Redis 7 answers them, as far as a client of this kata can need them; a key is gone the moment its
 * time is over. */
#include "redis.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define KEYS_MAX 16
#define BYTES_MAX 512

struct entry {
    bool there;
    char key[BYTES_MAX], value[BYTES_MAX];
    size_t key_size, value_size;
    uint64_t ends_us; /* UINT64_MAX: never */
};

static _Thread_local struct {
    struct entry entries[KEYS_MAX];
    uint64_t now_us;
} r;

void redis_restart(void) {
    memset(r.entries, 0, sizeof r.entries);
    redis_forget_scripts();
}

void redis_begin(void) {
    redis_restart();
    r.now_us = 0;
}

uint64_t redis_now_us(void) {
    return r.now_us;
}

void redis_pass(uint64_t us) {
    r.now_us += us;
}

void redis_answer_bulk(struct redis_reply *reply, const char *bytes, size_t size) {
    size_t kept = size < sizeof reply->text - 1 ? size : sizeof reply->text - 1;
    memset(reply, 0, sizeof *reply);
    reply->kind = REPLY_BULK;
    reply->size = kept;
    memcpy(reply->text, bytes, kept);
}

void redis_answer(struct redis_reply *reply, enum reply_kind kind, const char *text) {
    redis_answer_bulk(reply, text, strlen(text));
    reply->kind = kind;
}

void redis_answer_integer(struct redis_reply *reply, int64_t integer) {
    redis_answer(reply, REPLY_INTEGER, "");
    reply->integer = integer;
}

bool redis_word(const char *word, size_t size, const char *name) {
    return size == strlen(name) && strncasecmp(word, name, size) == 0;
}

bool redis_number(const char *word, size_t size, int64_t *number) {
    char digits[24], *end;
    if (size == 0 || size >= sizeof digits || (word[0] != '-' && (word[0] < '0' || word[0] > '9'))) return false;
    memcpy(digits, word, size);
    digits[size] = 0;
    *number = strtoll(digits, &end, 10);
    return *end == 0;
}

static struct entry *find(const char *key, size_t size) {
    for (int i = 0; i < KEYS_MAX; i++) {
        struct entry *entry = &r.entries[i];
        if (entry->there && entry->ends_us <= r.now_us) entry->there = false;
        if (entry->there && entry->key_size == size && memcmp(entry->key, key, size) == 0) return entry;
    }
    return NULL;
}

const char *redis_value(const char *key, size_t *size, uint64_t *left_us) {
    const struct entry *entry = find(key, strlen(key));
    if (!entry) return NULL;
    *size = entry->value_size;
    *left_us = entry->ends_us == UINT64_MAX ? UINT64_MAX : entry->ends_us - r.now_us;
    return entry->value;
}

/* False: there is no room, or the words are too long. */
static bool put(const char *key, size_t key_size, const char *value, size_t value_size, uint64_t ends_us) {
    struct entry *entry = find(key, key_size);
    for (int i = 0; !entry && i < KEYS_MAX; i++)
        if (!r.entries[i].there) entry = &r.entries[i];
    if (!entry || key_size >= BYTES_MAX || value_size >= BYTES_MAX) return false;
    memcpy(entry->key, key, key_size);
    memcpy(entry->value, value, value_size);
    entry->there = true, entry->key_size = key_size, entry->value_size = value_size, entry->ends_us = ends_us;
    entry->value[value_size] = 0;
    return true;
}

struct words {
    size_t argc;
    const char *const *argv;
    const size_t *sizes;
};

struct set_options {
    bool nx, xx, get;
    int64_t lives_ms; /* 0: for ever */
};

/* The milliseconds, or 1,000 times the seconds, in word i. */
static bool read_time(const struct words *w, size_t i, int64_t unit, int64_t *ms) {
    if (i >= w->argc || !redis_number(w->argv[i], w->sizes[i], ms)) return false;
    *ms *= unit;
    return *ms > 0;
}

static const char *read_options(const struct words *w, struct set_options *options) {
    for (size_t i = 3; i < w->argc; i++) {
        const char *word = w->argv[i];
        size_t size = w->sizes[i];
        bool px = redis_word(word, size, "PX");
        if (redis_word(word, size, "NX"))
            options->nx = true;
        else if (redis_word(word, size, "XX"))
            options->xx = true;
        else if (redis_word(word, size, "GET"))
            options->get = true;
        else if ((px || redis_word(word, size, "EX")) && !options->lives_ms) {
            if (!read_time(w, ++i, px ? 1 : 1000, &options->lives_ms))
                return "ERR value is not an integer or out of range";
        } else
            return "ERR syntax error";
    }
    return options->nx && options->xx ? "ERR syntax error" : NULL;
}

static void answer_value(const struct entry *entry, struct redis_reply *reply) {
    if (entry)
        redis_answer_bulk(reply, entry->value, entry->value_size);
    else
        redis_answer(reply, REPLY_NIL, "");
}

static void set(const struct words *w, struct redis_reply *reply) {
    struct set_options options = {0};
    const char *error = read_options(w, &options);
    if (error) {
        redis_answer(reply, REPLY_ERROR, error);
        return;
    }
    const struct entry *entry = find(w->argv[1], w->sizes[1]);
    bool refused = (options.nx && entry) || (options.xx && !entry);
    answer_value(options.get ? entry : NULL, reply);
    if (refused) return;
    uint64_t ends_us = options.lives_ms ? r.now_us + (uint64_t)options.lives_ms * 1000 : UINT64_MAX;
    if (!put(w->argv[1], w->sizes[1], w->argv[2], w->sizes[2], ends_us))
        redis_answer(reply, REPLY_ERROR, "OOM command not allowed when used memory > 'maxmemory'.");
    else if (!options.get)
        redis_answer(reply, REPLY_STATUS, "OK");
}

static void get(const struct words *w, struct redis_reply *reply) {
    answer_value(find(w->argv[1], w->sizes[1]), reply);
}

static void exists(const struct words *w, struct redis_reply *reply) {
    redis_answer_integer(reply, find(w->argv[1], w->sizes[1]) ? 1 : 0);
}

static void pttl(const struct words *w, struct redis_reply *reply) {
    const struct entry *entry = find(w->argv[1], w->sizes[1]);
    int64_t left = !entry ? -2 : entry->ends_us == UINT64_MAX ? -1 : (int64_t)((entry->ends_us - r.now_us) / 1000);
    redis_answer_integer(reply, left);
}

static void del(const struct words *w, struct redis_reply *reply) {
    struct entry *entry = find(w->argv[1], w->sizes[1]);
    if (entry) entry->there = false;
    redis_answer_integer(reply, entry ? 1 : 0);
}

static void pexpire(const struct words *w, struct redis_reply *reply) {
    int64_t ms;
    if (!redis_number(w->argv[2], w->sizes[2], &ms)) {
        redis_answer(reply, REPLY_ERROR, "ERR value is not an integer or out of range");
        return;
    }
    struct entry *entry = find(w->argv[1], w->sizes[1]);
    if (entry) entry->ends_us = ms > 0 ? r.now_us + (uint64_t)ms * 1000 : r.now_us;
    redis_answer_integer(reply, entry ? 1 : 0);
}

static void incr(const struct words *w, struct redis_reply *reply) {
    const struct entry *entry = find(w->argv[1], w->sizes[1]);
    int64_t value = 0;
    char digits[24];
    if (entry && !redis_number(entry->value, entry->value_size, &value)) {
        redis_answer(reply, REPLY_ERROR, "ERR value is not an integer or out of range");
        return;
    }
    int size = snprintf(digits, sizeof digits, "%" PRId64, value + 1);
    put(w->argv[1], w->sizes[1], digits, (size_t)size, entry ? entry->ends_us : UINT64_MAX);
    redis_answer_integer(reply, value + 1);
}

static const struct command {
    const char *name;
    size_t least, most; /* words */
    void (*run)(const struct words *, struct redis_reply *);
} commands[] = {
    {"SET", 3, 12, set}, {"GET", 2, 2, get},    {"EXISTS", 2, 2, exists},   {"PTTL", 2, 2, pttl},
    {"DEL", 2, 2, del},  {"UNLINK", 2, 2, del}, {"PEXPIRE", 3, 3, pexpire}, {"INCR", 2, 2, incr},
};

void redis_key_command(size_t argc, const char *const *argv, const size_t *sizes, struct redis_reply *reply) {
    const struct words words = {argc, argv, sizes};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (!redis_word(argv[0], sizes[0], commands[i].name)) continue;
        if (argc >= commands[i].least && argc <= commands[i].most)
            commands[i].run(&words, reply);
        else
            redis_answer(reply, REPLY_ERROR, "ERR wrong number of arguments");
        return;
    }
    redis_answer(reply, REPLY_ERROR, "NOPERM this user has no permissions to run that command");
}

void redis_command(size_t argc, const char *const *argv, const size_t *sizes, struct redis_reply *reply) {
    if (argc == 0)
        redis_answer(reply, REPLY_ERROR, "ERR unknown command");
    else if (redis_word(argv[0], sizes[0], "EVAL") || redis_word(argv[0], sizes[0], "EVALSHA") ||
             redis_word(argv[0], sizes[0], "SCRIPT"))
        redis_script_command(argc, argv, sizes, reply);
    else
        redis_key_command(argc, argv, sizes, reply);
}
