/* SPDX-License-Identifier: MIT */
/* evalsha.c -- scripts that are sent once, and called by name: a client learns the name from Redis when it first needs
 * it, and sends the text again when Redis has forgotten it. The store is read under a shared lock, and numbers are
 * drawn without one. */
#include "single_writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OWNER_BYTES = 16 };

enum script { EXTEND, DELETE, SCRIPTS };

static const char *const texts[SCRIPTS] = {"local owner = redis.call('get', KEYS[1])\n"
                                           "if owner ~= ARGV[1] then return false end\n"
                                           "return redis.call('pexpire', KEYS[1], ARGV[2])\n",
                                           "local owner = redis.call('get', KEYS[1])\n"
                                           "if owner ~= ARGV[1] then return false end\n"
                                           "return redis.call('del', KEYS[1])\n"};

struct lease_client {
    struct lease_env env;
    char names[SCRIPTS][64]; /* what Redis calls them; empty: not known */
};

struct lease_client *lease_client_new(const struct lease_env *env) {
    struct lease_client *client = calloc(1, sizeof *client);
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

static int learn_name(struct lease_client *client, enum script script) {
    const char *argv[] = {"SCRIPT", "LOAD", texts[script]};
    struct redis_reply reply;
    if (client->names[script][0]) return 0;
    if (ask(client, 3, argv, &reply) != 0 || reply.kind != REPLY_BULK || reply.size >= sizeof client->names[0])
        return -EIO;
    memcpy(client->names[script], reply.text, reply.size);
    client->names[script][reply.size] = 0;
    return 0;
}

/* By its name, or, where Redis has forgotten that, by its text. */
static int run(struct lease_client *client, enum script script, const char **argv, struct redis_reply *reply) {
    argv[0] = "EVALSHA", argv[1] = client->names[script];
    if (ask(client, 6, argv, reply) != 0) return -EIO;
    if (reply->kind != REPLY_ERROR || strncmp(reply->text, "NOSCRIPT", 8) != 0) return 0;
    argv[0] = "EVAL", argv[1] = texts[script];
    return ask(client, 6, argv, reply);
}

/* The script on the lease's key and owner: 0; -ESTALE: the key has another owner, or there is none; -EIO. */
static int change(struct lease_client *client, enum script script, const struct lease *lease) {
    char ttl[16];
    struct redis_reply reply;
    const char *argv[] = {NULL, NULL, "1", lease->name, lease->owner, ttl};
    snprintf(ttl, sizeof ttl, "%u", (unsigned)lease->ttl_ms);
    if (learn_name(client, script) != 0 || run(client, script, argv, &reply) != 0) return -EIO;
    if (reply.kind == REPLY_NIL) return -ESTALE;
    return reply.kind == REPLY_INTEGER && reply.integer == 1 ? 0 : -EIO;
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

struct store {
    pthread_rwlock_t lock; /* of the value and its token */
    _Atomic uint64_t drawn;
    uint64_t token;
    unsigned char *bytes;
    size_t size;
};

struct store *store_new(void) {
    struct store *store = calloc(1, sizeof *store);
    if (!store) return NULL;
    if (pthread_rwlock_init(&store->lock, NULL) == 0) return store;
    free(store);
    return NULL;
}

/* Release and acquire: who has a number has seen what was done before an earlier one was drawn. */
uint64_t store_number(struct store *store) {
    return atomic_fetch_add_explicit(&store->drawn, 1, memory_order_acq_rel) + 1;
}

/* Under the lock. The bytes that are not needed any more. */
static unsigned char *exchange(struct store *store, uint64_t token, unsigned char *copy, size_t size) {
    unsigned char *old = store->bytes;
    store->token = token;
    store->bytes = copy;
    store->size = size;
    return old;
}

bool store_write(struct store *store, uint64_t token, const void *bytes, size_t size) {
    if (token == 0 || token > atomic_load_explicit(&store->drawn, memory_order_acquire)) return false;
    unsigned char *copy = malloc(size + 1);
    if (!copy) return false;
    if (size) memcpy(copy, bytes, size);
    pthread_rwlock_wrlock(&store->lock);
    bool accepted = token >= store->token;
    if (accepted) copy = exchange(store, token, copy, size);
    pthread_rwlock_unlock(&store->lock);
    free(copy);
    return accepted;
}

size_t store_read(struct store *store, uint64_t *token, void *bytes, size_t room) {
    pthread_rwlock_rdlock(&store->lock);
    size_t size = store->size;
    if (size && room) memcpy(bytes, store->bytes, size < room ? size : room);
    if (token) *token = store->token;
    pthread_rwlock_unlock(&store->lock);
    return size;
}

void store_free(struct store *store) {
    if (!store) return;
    pthread_rwlock_destroy(&store->lock);
    free(store->bytes);
    free(store);
}
