/* SPDX-License-Identifier: MIT */
/* single_writer.c -- a lease in Redis, and a store that refuses whoever was the writer.
 *
 * This is the only file you edit. The types and the full contract are in single_writer.h; run `bun kata hint 20` when
 * you are stuck.
 *
 * What must stay true, wherever the process is paused, and whatever is lost on the way:
 *   1. Nobody's key is changed but one's own.
 *   2. A lease is not believed in for longer than Redis keeps it.
 *   3. Once a later writer has written, an earlier one is refused.
 *
 * Before you type, answer this on paper: you look at the clock, the lease is valid, you write. What may have happened
 * between the look and the write, and who can still see it? */
#include "single_writer.h"

#include <errno.h>
#include <stdlib.h>

struct lease_client {
    struct lease_env env; /* What does a client know of Redis that Redis may have forgotten? */
};

struct lease_client *lease_client_new(const struct lease_env *env) {
    struct lease_client *client = malloc(sizeof *client);
    if (client) client->env = *env;
    return client;
}

void lease_client_free(struct lease_client *client) {
    free(client);
}

int lease_acquire(struct lease_client *client, const char *name, uint32_t ttl_ms, struct lease *out) {
    (void)client, (void)name, (void)ttl_ms, (void)out;
    return -EIO; /* TODO: take the key, then draw the token. */
}

int lease_renew(struct lease_client *client, struct lease *lease) {
    (void)client, (void)lease;
    return -EIO; /* TODO: have the key live on, if it is yours. */
}

int lease_release(struct lease_client *client, const struct lease *lease) {
    (void)client, (void)lease;
    return -EIO; /* TODO: delete the key, if it is yours. */
}

struct store {
    int todo; /* What has to be known of the tokens so far? */
};

struct store *store_new(void) {
    return calloc(1, sizeof(struct store));
}

uint64_t store_number(struct store *store) {
    (void)store;
    return 0; /* TODO: a number that nobody has had. */
}

bool store_write(struct store *store, uint64_t token, const void *bytes, size_t size) {
    (void)store, (void)token, (void)bytes, (void)size;
    return false; /* TODO: keep a copy, unless the token is old. */
}

size_t store_read(struct store *store, uint64_t *token, void *bytes, size_t room) {
    (void)store, (void)bytes, (void)room;
    if (token) *token = 0; /* TODO: the value and its token. */
    return 0;
}

void store_free(struct store *store) {
    free(store);
}
