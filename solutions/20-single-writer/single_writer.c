/* SPDX-License-Identifier: MIT */
/* single_writer.c -- a lease in Redis, told apart by random owners, and a store
 * that is fenced by tokens.
 *
 * Every answer is computed from what was known before the request: the clock is
 * read first, so a pause anywhere shortens the lease and never prolongs it. What
 * changes a key that exists is a script, as nothing can come between its steps. */
#include "single_writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OWNER_BYTES = 16 };

#define EXTEND                                                                                                         \
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) else return 0 end"
#define DELETE "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end"

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

/* `script` on the lease's key and owner: 0; -ESTALE: the key has another owner, or there is none; -EIO. */
static int change(struct lease_client *client, const char *script, const struct lease *lease) {
    char ttl[16];
    snprintf(ttl, sizeof ttl, "%u", (unsigned)lease->ttl_ms);
    const char *argv[] = {"EVAL", script, "1", lease->name, lease->owner, ttl};
    struct redis_reply reply;
    if (ask(client, 6, argv, &reply) != 0 || reply.kind != REPLY_INTEGER) return -EIO;
    return reply.integer == 1 ? 0 : -ESTALE;
}

/* A key that may be ours is in nobody's way for longer than it has to be. What is answered changes nothing: in the
 * worst case Redis deletes it when its time is over. */
static int give_up(struct lease_client *client, const struct lease *lease, int why) {
    (void)change(client, DELETE, lease);
    return why;
}

/* The name goes into the lease; its owner is drawn. */
static int prepare(struct lease_client *client, const char *name, uint32_t ttl_ms, struct lease *lease) {
    size_t size = strnlen(name, LEASE_NAME_MAX + 1);
    if (size == 0 || size > LEASE_NAME_MAX || ttl_ms < LEASE_TTL_MIN_MS || ttl_ms > LEASE_TTL_MAX_MS) return -EINVAL;
    unsigned char random[OWNER_BYTES];
    if (!client->env.random(client->env.world, random, sizeof random)) return -EIO;
    memcpy(lease->name, name, size + 1);
    for (int i = 0; i < OWNER_BYTES; i++) snprintf(lease->owner + 2 * i, 3, "%02x", (unsigned)random[i]);
    lease->ttl_ms = ttl_ms;
    return 0;
}

/* Sets the key unless it exists: 0, -EBUSY, -EIO. */
static int take(struct lease_client *client, const struct lease *lease) {
    char ttl[16];
    snprintf(ttl, sizeof ttl, "%u", (unsigned)lease->ttl_ms);
    const char *argv[] = {"SET", lease->name, lease->owner, "NX", "PX", ttl};
    struct redis_reply reply;
    /* No reply: it may be set all the same. */
    if (ask(client, 6, argv, &reply) != 0) return give_up(client, lease, -EIO);
    if (reply.kind == REPLY_NIL) return -EBUSY;
    if (reply.kind == REPLY_ERROR) return -EIO;
    return reply.kind == REPLY_STATUS ? 0 : give_up(client, lease, -EIO);
}

int lease_acquire(struct lease_client *client, const char *name, uint32_t ttl_ms, struct lease *out) {
    struct lease lease = {0};
    int status = prepare(client, name, ttl_ms, &lease);
    if (status != 0) return status;
    lease.valid_until_ns = valid_until(now(client), ttl_ms);
    status = take(client, &lease);
    if (status != 0) return status;
    /* Not earlier: a number drawn before the key was ours could be older than that of a holder in between. */
    if (client->env.number(client->env.world, &lease.token) != 0) return give_up(client, &lease, -EIO);
    if (now(client) >= lease.valid_until_ns) return give_up(client, &lease, -ETIMEDOUT);
    *out = lease;
    return 0;
}

int lease_renew(struct lease_client *client, struct lease *lease) {
    uint64_t before = now(client);
    int status = before < lease->valid_until_ns ? change(client, EXTEND, lease) : -ESTALE;
    if (status == -ESTALE) lease->valid_until_ns = 0;
    if (status != 0) return status;
    uint64_t until = valid_until(before, lease->ttl_ms);
    if (now(client) >= until) return -ETIMEDOUT;
    lease->valid_until_ns = until;
    return 0;
}

int lease_release(struct lease_client *client, const struct lease *lease) {
    return change(client, DELETE, lease);
}

/* Under the lock: what is compared with a token is what the write replaces. */
struct store {
    pthread_mutex_t lock;
    uint64_t drawn, token;
    unsigned char *bytes;
    size_t size;
};

struct store *store_new(void) {
    struct store *store = calloc(1, sizeof *store);
    if (store) pthread_mutex_init(&store->lock, NULL); /* default attributes: cannot fail */
    return store;
}

uint64_t store_number(struct store *store) {
    pthread_mutex_lock(&store->lock);
    uint64_t number = ++store->drawn;
    pthread_mutex_unlock(&store->lock);
    return number;
}

bool store_write(struct store *store, uint64_t token, const void *bytes, size_t size) {
    unsigned char *copy = malloc(size ? size : 1);
    if (!copy) return false;
    if (size) memcpy(copy, bytes, size);
    pthread_mutex_lock(&store->lock);
    bool accepted = token != 0 && token >= store->token && token <= store->drawn;
    unsigned char *unused = accepted ? store->bytes : copy;
    if (accepted) store->token = token, store->bytes = copy, store->size = size;
    pthread_mutex_unlock(&store->lock);
    free(unused);
    return accepted;
}

size_t store_read(struct store *store, uint64_t *token, void *bytes, size_t room) {
    pthread_mutex_lock(&store->lock);
    size_t size = store->size, copied = size < room ? size : room;
    if (copied) memcpy(bytes, store->bytes, copied);
    if (token) *token = store->token;
    pthread_mutex_unlock(&store->lock);
    return size;
}

void store_free(struct store *store) {
    if (!store) return;
    pthread_mutex_destroy(&store->lock);
    free(store->bytes);
    free(store);
}
