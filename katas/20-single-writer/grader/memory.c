/* SPDX-License-Identifier: MIT */
/* memory.c -- what a client and a store take, and give back.
 *
 *   no_memory   see refusals.h: a client and a store as one object. Then a store's second write, without memory.
 *
 * Evidence beside: `write_without`, 1 if store_write answered true with its allocation refused; `kept`, the bytes of
 * the first write that were still there then; `write_with`, 1 if it answered true afterwards. */
#include <stdlib.h>
#include <string.h>

#include "driver.h"
#include "evidence.h"
#include "heap.h"
#include "refusals.h"
#include "world.h"

struct pair {
    struct lease_client *client;
    struct store *store;
};

static struct client client;
static struct pair pair;

static void end(void *object) {
    struct pair *p = object;
    lease_client_free(p->client);
    store_free(p->store);
}

static void *make(void) {
    struct lease_env env = world_env(&client);
    world_begin();
    pair = (struct pair){lease_client_new(&env), NULL};
    pair.store = pair.client ? store_new() : NULL;
    if (pair.store) return &pair;
    end(&pair);
    return NULL;
}

static bool works(void *object) {
    struct pair *p = object;
    struct lease lease;
    world.store = p->store;
    world_begin_call("jobs", 0);
    return lease_acquire(p->client, "jobs", 1000, &lease) == 0 && store_write(p->store, lease.token, "abc", 3) &&
           store_read(p->store, NULL, NULL, 0) == 3 && lease_release(p->client, &lease) == 0;
}

static void live(uint64_t number) {
    struct lease_env env = world_env(&client);
    world_begin();
    struct pair p = {new_client(&env), new_store()};
    for (uint64_t i = 0; i < number % 4; i++) store_write(p.store, store_number(p.store), "abcdef", i);
    end(&p);
}

static void write_without_memory(void) {
    char bytes[8] = {0};
    struct store *store = new_store();
    bool first = store_write(store, store_number(store), "first", 5);
    uint64_t second = store_number(store), token = 0;
    char large[4096] = {0};
    heap_refuse_from(1);
    evidence_count("write_without", store_write(store, second, large, sizeof large));
    heap_refuse_from(0);
    size_t size = store_read(store, &token, bytes, sizeof bytes);
    evidence_count("kept", first && token == 1 && memcmp(bytes, "first", 5) == 0 ? size : 0);
    evidence_count("write_with", store_write(store, second, "second", 6));
    store_free(store);
}

void no_memory(uint64_t seed) {
    (void)seed;
    refuse_each(&(struct refused_object){make, works, end, live});
    write_without_memory();
}
