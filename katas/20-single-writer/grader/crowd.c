/* SPDX-License-Identifier: MIT */
/* crowd.c -- clients of several threads, each with a Redis of its own, and one store that they share.
 *
 *   crowd   threads, rounds
 *   alone   rounds: one client, and no store
 *
 * Evidence of both: `leases`, and `refused`, calls of clients that did not answer 0. Of crowd: `numbers`, their `sum`
 * and the `largest`; `accepted` writes; `torn`, reads whose value was not that of their token; `went_back`, reads with
 * a smaller token than an earlier one of the same thread, or than its last write; `stale`, writes with a token smaller
 * than one read before that were accepted; `last`, the token at the end, and `newest`, the largest one that was
 * accepted. Of alone: `allocations` of the calls. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "crew.h"
#include "driver.h"
#include "evidence.h"
#include "heap.h"
#include "scenario.h"
#include "world.h"

#define VALUE_WORDS 64

static struct {
    struct store *store;
    uint64_t rounds;
    _Atomic uint64_t leases, refused, numbers, sum, largest, accepted, torn, went_back, stale, newest;
} c;

static void add(_Atomic uint64_t *count, uint64_t n) {
    atomic_fetch_add_explicit(count, n, memory_order_relaxed);
}

static void note_largest(_Atomic uint64_t *largest, uint64_t n) {
    uint64_t old = atomic_load_explicit(largest, memory_order_relaxed);
    while (n > old &&
           !atomic_compare_exchange_weak_explicit(largest, &old, n, memory_order_relaxed, memory_order_relaxed)) {
    }
}

static bool write_all(uint64_t token) {
    uint64_t words[VALUE_WORDS];
    size_t count = 1 + token % VALUE_WORDS;
    for (size_t i = 0; i < count; i++) words[i] = token + i;
    bool accepted = store_write(c.store, token, words, count * sizeof *words);
    add(&c.accepted, accepted);
    if (accepted) note_largest(&c.newest, token);
    return accepted;
}

/* The token of what is stored. */
static uint64_t read_all(void) {
    uint64_t words[VALUE_WORDS], token = 0;
    size_t size = store_read(c.store, &token, words, sizeof words), count = token ? 1 + token % VALUE_WORDS : 0;
    bool whole = size == count * sizeof *words;
    for (size_t i = 0; whole && i < count; i++) whole = words[i] == token + i;
    add(&c.torn, !whole);
    return token;
}

/* Reads, writes, reads, and writes with a token of which the first read has shown that it is old. */
static void use_store(uint64_t token) {
    uint64_t first = read_all();
    bool accepted = write_all(token);
    uint64_t second = read_all();
    add(&c.went_back, second < first || (accepted && second < token));
    if (second > 1) add(&c.stale, store_write(c.store, second - 1, NULL, 0));
}

static void use_client(struct client *client) {
    struct lease lease;
    world_begin_call("jobs", 0);
    int status = lease_acquire(client->lease_client, "jobs", 1000, &lease);
    world_begin_call("jobs", -1);
    if (status == 0) status = lease_renew(client->lease_client, &lease);
    world_begin_call("jobs", -1);
    if (status == 0) status = lease_release(client->lease_client, &lease);
    add(status == 0 ? &c.leases : &c.refused, 1);
    if (!c.store || status != 0) return;
    add(&c.numbers, 1);
    add(&c.sum, lease.token);
    note_largest(&c.largest, lease.token);
    use_store(lease.token);
}

static void live(uint64_t me) {
    struct client client = {.offset_ns = me + 1};
    struct lease_env env = world_env(&client);
    world_begin();
    world.draws = me * 1000000;
    world.store = c.store;
    client.lease_client = new_client(&env);
    uint64_t taken = heap_allocations();
    for (uint64_t i = 0; i < c.rounds; i++) use_client(&client);
    if (!c.store) evidence_count("allocations", heap_allocations() - taken);
    lease_client_free(client.lease_client);
    redis_restart();
}

static void report_leases(void) {
    evidence_count("leases", c.leases);
    evidence_count("refused", c.refused);
}

void alone(uint64_t seed) {
    (void)seed;
    c.rounds = scenario_param("rounds");
    live(0);
    report_leases();
}

void crowd(uint64_t seed) {
    (void)seed;
    c.rounds = scenario_param("rounds");
    c.store = new_store();
    crew_join(crew_start(scenario_param("threads"), live));
    report_leases();
    evidence_count("numbers", c.numbers);
    evidence_count("sum", c.sum);
    evidence_count("largest", c.largest);
    evidence_count("accepted", c.accepted);
    evidence_count("torn", c.torn);
    evidence_count("went_back", c.went_back);
    evidence_count("stale", c.stale);
    evidence_count("last", read_all());
    evidence_count("newest", c.newest);
    store_free(c.store);
}
