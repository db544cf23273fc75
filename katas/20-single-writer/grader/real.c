/* SPDX-License-Identifier: MIT */
/* real.c -- what writer.ts calls: one client of a process, its env a real Redis and a store in another process, both
 * behind sockets in the folder in which it runs. */
#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "driver.h"

#define ANSWER_S 2

int32_t real_open(const char *redis, const char *store);
int32_t real_acquire(uint32_t ttl_ms);
int32_t real_renew(void);
int32_t real_release(void);
int32_t real_write(void);
uint64_t real_token(void);
uint64_t real_late(void);
void real_close(void);

static struct {
    char redis[64], store[64];
    struct lease_client *client;
    struct lease lease;
    uint64_t late; /* how often nothing has come in time */
} r;

static void copy_text(struct redis_reply *reply, const redisReply *from) {
    reply->size = from->len < sizeof reply->text - 1 ? from->len : sizeof reply->text - 1;
    memcpy(reply->text, from->str, reply->size);
}

static void translate(struct redis_reply *reply, const redisReply *from) {
    static const enum reply_kind kinds[] = {[REDIS_REPLY_STATUS] = REPLY_STATUS,   [REDIS_REPLY_ERROR] = REPLY_ERROR,
                                            [REDIS_REPLY_INTEGER] = REPLY_INTEGER, [REDIS_REPLY_STRING] = REPLY_BULK,
                                            [REDIS_REPLY_NIL] = REPLY_NIL,         [REDIS_REPLY_ARRAY] = REPLY_ARRAY};
    memset(reply, 0, sizeof *reply);
    reply->kind = kinds[from->type];
    reply->integer = from->type == REDIS_REPLY_ARRAY ? (int64_t)from->elements : from->integer;
    if (from->str) copy_text(reply, from);
}

/* On a connection of its own: no reply of an earlier request can come on it. */
static redisReply *answered(size_t argc, const char *const *argv, const size_t *sizes) {
    const struct timeval limit = {ANSWER_S, 0};
    errno = 0;
    redisContext *context = redisConnectUnixWithTimeout(r.redis, limit);
    const char **words = malloc(argc * sizeof *words);
    redisReply *answer = NULL;
    if (context && !context->err && redisSetTimeout(context, limit) == REDIS_OK && words) {
        for (size_t i = 0; i < argc; i++) words[i] = argv[i];
        answer = redisCommandArgv(context, (int)argc, words, sizes);
    }
    bool timed_out = !answer && (errno == EAGAIN || errno == ETIMEDOUT);
    r.late += timed_out;
    free(words);
    if (context) redisFree(context);
    return answer;
}

static int ask(void *world, size_t argc, const char *const *argv, const size_t *sizes, struct redis_reply *reply) {
    (void)world;
    redisReply *answer = answered(argc, argv, sizes);
    if (!answer) return -EIO;
    translate(reply, answer);
    freeReplyObject(answer);
    return 0;
}

static int store_socket(void) {
    const struct timeval limit = {ANSWER_S, 0};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", r.store);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return fd;
}

/* One line there, one number back. */
static int ask_store(const char *line, uint64_t *number) {
    char answer[32] = "";
    size_t used = 0;
    int fd = store_socket();
    if (fd < 0) return -EIO;
    ssize_t got = write(fd, line, strlen(line));
    while (got > 0 && used < sizeof answer - 1 && !strchr(answer, '\n')) {
        got = read(fd, answer + used, sizeof answer - 1 - used);
        if (got > 0) used += (size_t)got;
        if (got < 0) r.late += errno == EAGAIN;
    }
    close(fd);
    return sscanf(answer, "%lu\n", number) == 1 ? 0 : -EIO;
}

static int number(void *world, uint64_t *drawn) {
    (void)world;
    return ask_store("number\n", drawn);
}

static uint64_t now_ns(void *world) {
    struct timespec now;
    (void)world;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static bool fill(void *world, void *bytes, size_t size) {
    (void)world;
    return getrandom(bytes, size, 0) == (ssize_t)size;
}

int32_t real_open(const char *redis, const char *store) {
    const struct lease_env env = {ask, number, now_ns, fill, NULL};
    snprintf(r.redis, sizeof r.redis, "%s", redis);
    snprintf(r.store, sizeof r.store, "%s", store);
    r.client = lease_client_new(&env);
    return r.client ? 0 : -ENOMEM;
}

int32_t real_acquire(uint32_t ttl_ms) {
    return lease_acquire(r.client, "the writer", ttl_ms, &r.lease);
}

int32_t real_renew(void) {
    return lease_renew(r.client, &r.lease);
}

int32_t real_release(void) {
    return lease_release(r.client, &r.lease);
}

uint64_t real_token(void) {
    return r.lease.token;
}

uint64_t real_late(void) {
    return r.late;
}

/* 1: accepted; 0: refused; negative: the store has not answered. Whether the lease is valid is not looked at: a pause
 * after the look would be no better. */
int32_t real_write(void) {
    char line[64];
    uint64_t accepted;
    snprintf(line, sizeof line, "write %lu\n", (unsigned long)r.lease.token);
    return ask_store(line, &accepted) == 0 ? (int32_t)accepted : -EIO;
}

void real_close(void) {
    lease_client_free(r.client);
}
