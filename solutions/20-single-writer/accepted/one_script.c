/* SPDX-License-Identifier: MIT */
/* one_script.c -- one script for everything that is asked of a key: its words say whether to take, extend or delete,
 * and its answer is a status in words. Late is noticed as early as it can be. The store's value lies behind its own
 * head, in one block, which changes as a whole. */
#include "single_writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OWNER_BYTES = 16 };

static const char script[] = "if ARGV[3] == 'take' then\n"
                             "  if redis.call('EXISTS', KEYS[1]) == 1 then return {ok = 'BUSY'} end\n"
                             "  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])\n"
                             "  return {ok = 'DONE'}\n"
                             "end\n"
                             "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {ok = 'STALE'} end\n"
                             "if ARGV[3] == 'extend' then redis.call('PEXPIRE', KEYS[1], ARGV[2])\n"
                             "else redis.call('DEL', KEYS[1]) end\n"
                             "return {ok = 'DONE'}\n";

struct lease_client {
    struct lease_env env;
};

struct lease_client *lease_client_new(const struct lease_env *env) {
    struct lease_client *client = malloc(sizeof *client);
    if (client) client->env = *env;
    return client;
}

void lease_client_free(struct lease_client *client) {
    free(client);
}

static int ask(struct lease_client *client, size_t argc, const char *const *argv, struct redis_reply *reply) {
    size_t sizes[8];
    for (size_t i = 0; i < argc; i++) sizes[i] = strlen(argv[i]);
    return client->env.ask(client->env.world, argc, argv, sizes, reply);
}

static uint64_t now(struct lease_client *client) {
    return client->env.now_ns(client->env.world);
}

static uint64_t valid_until(uint64_t before, uint32_t ttl_ms) {
    return before + (uint64_t)ttl_ms * 990000 - 2000000;
}

/* 0, -ESTALE, -EBUSY; -EIO: it is not known; -ENOEXEC: Redis has done nothing. */
static int change(struct lease_client *client, const char *what, const struct lease *lease) {
    char ttl[16];
    snprintf(ttl, sizeof ttl, "%u", (unsigned)lease->ttl_ms);
    const char *argv[] = {"EVAL", script, "1", lease->name, lease->owner, ttl, what};
    struct redis_reply reply;
    if (ask(client, 7, argv, &reply) != 0) return -EIO;
    if (reply.kind == REPLY_ERROR) return -ENOEXEC;
    if (reply.kind != REPLY_STATUS) return -EIO;
    if (strcmp(reply.text, "BUSY") == 0) return -EBUSY;
    if (strcmp(reply.text, "STALE") == 0) return -ESTALE;
    return strcmp(reply.text, "DONE") == 0 ? 0 : -EIO;
}

/* A key that may be ours is in nobody's way for longer than it has to be. What is answered changes nothing: in the
 * worst case Redis deletes it when its time is over. */
static int give_up(struct lease_client *client, const struct lease *lease, int why) {
    (void)change(client, "delete", lease);
    return why;
}

/* The name goes into the lease; its owner is drawn. */
static int prepare(struct lease_client *client, const char *name, uint32_t ttl_ms, struct lease *lease) {
    size_t size = strnlen(name, LEASE_NAME_MAX + 1);
    if (size == 0 || size > LEASE_NAME_MAX || ttl_ms < LEASE_TTL_MIN_MS || ttl_ms > LEASE_TTL_MAX_MS) return -EINVAL;
    unsigned char random[OWNER_BYTES];
    if (!client->env.random(client->env.world, random, sizeof random)) return -EIO;
    memcpy(lease->name, name, size + 1);
    /* Six bits a letter, without a 0 among them. */
    for (int i = 0; i < OWNER_BYTES * 8; i++) lease->owner[i / 6] |= (char)((random[i / 8] >> (i % 8) & 1) << i % 6);
    for (int i = 0; i <= OWNER_BYTES * 8 / 6; i++) lease->owner[i] = (char)(lease->owner[i] + '0');
    lease->ttl_ms = ttl_ms;
    return 0;
}

/* What follows once the key is ours: 0, or why it was for nothing. */
static int finish(struct lease_client *client, struct lease *lease) {
    if (now(client) >= lease->valid_until_ns) return -ETIMEDOUT;
    if (client->env.number(client->env.world, &lease->token) != 0) return -EIO;
    return now(client) < lease->valid_until_ns ? 0 : -ETIMEDOUT;
}

int lease_acquire(struct lease_client *client, const char *name, uint32_t ttl_ms, struct lease *out) {
    struct lease lease = {.valid_until_ns = valid_until(now(client), ttl_ms)};
    int status = prepare(client, name, ttl_ms, &lease);
    if (status != 0) return status;
    status = change(client, "take", &lease);
    if (status == -EBUSY) return status;
    if (status == -ENOEXEC) return -EIO;
    if (status == 0) status = finish(client, &lease);
    if (status != 0) return give_up(client, &lease, status);
    *out = lease;
    return 0;
}

int lease_renew(struct lease_client *client, struct lease *lease) {
    uint64_t before = now(client);
    int status = before < lease->valid_until_ns ? change(client, "extend", lease) : -ESTALE;
    if (status == -ENOEXEC) return -EIO;
    if (status == -ESTALE) lease->valid_until_ns = 0;
    if (status != 0) return status;
    uint64_t until = valid_until(before, lease->ttl_ms);
    if (now(client) >= until) return -ETIMEDOUT;
    lease->valid_until_ns = until;
    return 0;
}

int lease_release(struct lease_client *client, const struct lease *lease) {
    int status = change(client, "delete", lease);
    return status == -ENOEXEC ? -EIO : status;
}

struct value {
    uint64_t token;
    size_t size;
    unsigned char bytes[];
};

struct store {
    pthread_spinlock_t lock;
    uint64_t drawn;
    struct value *value; /* NULL: nobody has written */
};

struct store *store_new(void) {
    struct store *store = calloc(1, sizeof *store);
    if (store) pthread_spin_init(&store->lock, PTHREAD_PROCESS_PRIVATE);
    return store;
}

uint64_t store_number(struct store *store) {
    pthread_spin_lock(&store->lock);
    uint64_t number = ++store->drawn;
    pthread_spin_unlock(&store->lock);
    return number;
}

bool store_write(struct store *store, uint64_t token, const void *bytes, size_t size) {
    struct value *value = token && size < SIZE_MAX - sizeof *value ? malloc(sizeof *value + size) : NULL;
    if (!value) return false;
    value->token = token;
    value->size = size;
    if (size) memcpy(value->bytes, bytes, size);
    pthread_spin_lock(&store->lock);
    bool accepted = token <= store->drawn && (!store->value || store->value->token <= token);
    if (accepted) {
        struct value *old = store->value;
        store->value = value;
        value = old;
    }
    pthread_spin_unlock(&store->lock);
    free(value);
    return accepted;
}

size_t store_read(struct store *store, uint64_t *token, void *bytes, size_t room) {
    pthread_spin_lock(&store->lock);
    const struct value *value = store->value;
    size_t size = value ? value->size : 0;
    if (size && room) memcpy(bytes, value->bytes, size < room ? size : room);
    if (token) *token = value ? value->token : 0;
    pthread_spin_unlock(&store->lock);
    return size;
}

void store_free(struct store *store) {
    if (!store) return;
    pthread_spin_destroy(&store->lock);
    free(store->value);
    free(store);
}
