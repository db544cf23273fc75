/* SPDX-License-Identifier: MIT */
/* redis.h -- a model of Redis in virtual time. Each thread has one of its own. */
#ifndef REDIS_H
#define REDIS_H

#include "single_writer.h"

/* Empty, no scripts, at time 0. redis_restart() gives back what a thread's Redis holds. */
void redis_begin(void);

/* Every key and every script is lost; the time goes on. */
void redis_restart(void);

/* The time of the world, which is also Redis' own. */
uint64_t redis_now_us(void);
void redis_pass(uint64_t us);

/* Carries out one command, now. */
void redis_command(size_t argc, const char *const *argv, const size_t *sizes, struct redis_reply *reply);

/* The value of a key, and how long it lives: UINT64_MAX for ever. NULL: there is no such key. The pointer is good until
 * the next command. */
const char *redis_value(const char *key, size_t *size, uint64_t *left_us);

/* Whether Redis has the script with this SHA-1. */
bool redis_knows(const char *name, size_t size);

/* What the commands' file and the scripts' file are to each other. */
void redis_answer(struct redis_reply *reply, enum reply_kind kind, const char *text);
void redis_answer_bulk(struct redis_reply *reply, const char *bytes, size_t size);
void redis_answer_integer(struct redis_reply *reply, int64_t integer);
bool redis_word(const char *word, size_t size, const char *name);                 /* in any case */
bool redis_number(const char *word, size_t size, int64_t *number);                /* whole, decimal */
void redis_key_command(size_t argc, const char *const *argv, const size_t *sizes, /* what a script may call */
                       struct redis_reply *reply);
void redis_script_command(size_t argc, const char *const *argv, const size_t *sizes, struct redis_reply *reply);
void redis_forget_scripts(void);

/* The SHA-1 of `bytes` in lower-case hexadecimal, with a 0 behind it. */
void sha1_hex(const char *bytes, size_t size, char hex[41]);

#endif
