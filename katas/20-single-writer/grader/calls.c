/* SPDX-License-Identifier: MIT */
/* calls.c -- scripted calls. Leases are numbered by the script, in the order in which they were asked for. Each call
 * answers in words; a text lives until the next call. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"
#include "world.h"

static struct lease leases[LEASES_MAX];
static char text[1024];

static const char *const names[] = {"jobs", "a/much longer name, with spaces: and a % of it", "x"};

static const char *status_name(int status) {
    static char other[32];
    const struct {
        int status;
        const char *name;
    } known[] = {{0, "0"},           {-EINVAL, "-EINVAL"},       {-EIO, "-EIO"},
                 {-EBUSY, "-EBUSY"}, {-ETIMEDOUT, "-ETIMEDOUT"}, {-ESTALE, "-ESTALE"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].status == status) return known[i].name;
    snprintf(other, sizeof other, "%d", status);
    return other;
}

/* The answer, then what else is to be said of the call. */
static const char *told(int status, const char *more) {
    bool nothing = world_call()->requests + world_call()->numbers == 0;
    snprintf(text, sizeof text, "%s%s%s%s", status_name(status), more, nothing ? ", nothing asked" : "",
             world_call()->notes);
    memset(world.plans, 0, sizeof world.plans);
    world.no_random = false;
    return text;
}

static const char *told_valid(const struct client *client, uint64_t before, const struct lease *lease) {
    static char more[96];
    (void)client;
    snprintf(more, sizeof more, ", valid for %" PRId64 " ns from the call on",
             (int64_t)(lease->valid_until_ns - before));
    return more;
}

/* A new world; `whole`: its numbers are those of a store. */
void script_world(int whole);
void script_world(int whole) {
    world_begin();
    memset(leases, 0, sizeof leases);
    world.store = whole ? store_new() : NULL;
}

void script_end(void);
void script_end(void) {
    for (int i = 0; i < CLIENTS_MAX; i++) lease_client_free(world.clients[i].lease_client);
    store_free(world.store);
    world_begin();
}

const char *script_client(uint64_t number, uint64_t offset_ns, int64_t ppm);
const char *script_client(uint64_t number, uint64_t offset_ns, int64_t ppm) {
    struct client *client = &world.clients[number];
    *client = (struct client){NULL, offset_ns, ppm};
    struct lease_env env = world_env(client);
    world_begin_call(names[0], -1);
    client->lease_client = lease_client_new(&env);
    memset(&env, 0, sizeof env);
    if (!client->lease_client) return "lease_client_new -> NULL";
    return world_call()->requests + world_call()->numbers + world.draws ? "lease_client_new asks already" : "a client";
}

void script_plan(uint64_t step, uint64_t pause_us, uint64_t event, uint64_t fault, uint64_t pause_after_us,
                 uint64_t event_after);
void script_plan(uint64_t step, uint64_t pause_us, uint64_t event, uint64_t fault, uint64_t pause_after_us,
                 uint64_t event_after) {
    world.plans[step] =
        (struct plan){pause_us, pause_after_us, (enum event)event, (enum event)event_after, (enum fault)fault};
}

void script_no_random(void);
void script_no_random(void) {
    world.no_random = true;
}

void script_watch_tokens(void);
void script_watch_tokens(void) {
    world_watch_tokens();
}

void script_pass(uint64_t us);
void script_pass(uint64_t us) {
    redis_pass(us);
}

void script_restart(void);
void script_restart(void) {
    redis_restart();
}

void script_arrive(void);
void script_arrive(void) {
    world_arrive();
}

static const char *acquired(struct client *client, const char *name, uint64_t number, uint32_t ttl_ms) {
    struct lease out, untouched;
    memset(&out, 0x5a, sizeof out);
    untouched = out;
    world_begin_call(name, (int)number);
    uint64_t before = client_now_ns(client);
    int status = lease_acquire(client->lease_client, name, ttl_ms, &out);
    if (status != 0) {
        if (memcmp(&out, &untouched, sizeof out)) world_note("*out has changed");
        return told(status, "");
    }
    if (world_call()->watches_tokens && (world_call()->numbers == 0 || out.token != world_call()->own_number))
        world_note("its token is not the number that was drawn for it");
    if (strcmp(out.name, name) || out.ttl_ms != ttl_ms) world_note("its name or its ttl_ms is another one");
    leases[number] = out;
    return told(status, told_valid(client, before, &out));
}

const char *script_acquire(uint64_t client, uint64_t name, uint64_t number, uint64_t ttl_ms);
const char *script_acquire(uint64_t client, uint64_t name, uint64_t number, uint64_t ttl_ms) {
    return acquired(&world.clients[client], names[name], number, (uint32_t)ttl_ms);
}

/* A name of so many letters. */
const char *script_acquire_long(uint64_t letters, uint64_t ttl_ms);
const char *script_acquire_long(uint64_t letters, uint64_t ttl_ms) {
    char *name = malloc(letters + 1); /* exactly, so that a sanitizer sees what is read behind it */
    if (!name) return "no memory for a name";
    memset(name, 'n', letters);
    name[letters] = 0;
    const char *answer = acquired(&world.clients[0], name, 0, (uint32_t)ttl_ms);
    world.name = NULL;
    free(name);
    return answer;
}

static bool same_but_validity(const struct lease *a, const struct lease *b) {
    return a->token == b->token && a->ttl_ms == b->ttl_ms && strcmp(a->name, b->name) == 0 &&
           memcmp(a->owner, b->owner, sizeof a->owner) == 0;
}

const char *script_renew(uint64_t number, uint64_t lease);
const char *script_renew(uint64_t number, uint64_t lease) {
    struct client *client = &world.clients[number];
    struct lease old = leases[lease];
    world_begin_call(old.name, -1);
    uint64_t before = client_now_ns(client);
    int status = lease_renew(client->lease_client, &leases[lease]);
    if (!same_but_validity(&old, &leases[lease])) world_note("more of the lease than valid_until_ns has changed");
    if (status == 0) return told(0, told_valid(client, before, &leases[lease]));
    if (status == -ESTALE) return told(status, leases[lease].valid_until_ns ? ", valid_until_ns is not 0" : "");
    return told(status, leases[lease].valid_until_ns == old.valid_until_ns ? "" : ", valid_until_ns has changed");
}

/* Before each of its requests Redis restarts: a lease that is lost, whether the client can know it or not. */
const char *script_renew_forgotten(uint64_t client, uint64_t lease);
const char *script_renew_forgotten(uint64_t client, uint64_t lease) {
    world_begin_call(leases[lease].name, -1);
    world.forgets = true;
    int status = lease_renew(world.clients[client].lease_client, &leases[lease]);
    world.forgets = false;
    leases[lease].valid_until_ns = 0;
    const char *answer = told(status, "");
    return (status == -ESTALE || status == -EIO) && !world_call()->notes[0]
               ? "-ESTALE or -EIO, after 6 requests at most"
               : answer;
}

const char *script_release(uint64_t client, uint64_t lease);
const char *script_release(uint64_t client, uint64_t lease) {
    struct lease copy = leases[lease];
    world_begin_call(copy.name, -1);
    return told(lease_release(world.clients[client].lease_client, &copy), "");
}

const char *script_counts(void);
const char *script_counts(void) {
    snprintf(text, sizeof text, "%" PRIu64 " requests, %" PRIu64 " numbers", world_call()->requests,
             world_call()->numbers);
    return text;
}

/* Whose the key is, and for how long. */
const char *script_key(uint64_t name);
const char *script_key(uint64_t name) {
    size_t size;
    uint64_t left_us;
    const char *value = redis_value(names[name], &size, &left_us);
    if (!value) return "the key is nobody's";
    int used = snprintf(text, sizeof text, "the key is another's");
    for (int i = 0; i < LEASES_MAX; i++)
        if (world.owner_sizes[i] == size && memcmp(world.owners[i], value, size) == 0)
            used = snprintf(text, sizeof text, "the key is lease %d's", i);
    if (left_us == UINT64_MAX)
        snprintf(text + used, sizeof text - (size_t)used, ", for ever");
    else
        snprintf(text + used, sizeof text - (size_t)used, ", for %" PRIu64 " us", left_us);
    return text;
}

/* A write with the lease's token, of a value that is the lease's number. */
int script_write(uint64_t lease);
int script_write(uint64_t lease) {
    return store_write(world.store, leases[lease].token, &lease, sizeof lease);
}

const char *script_stored(void);
const char *script_stored(void) {
    uint64_t lease = 0, token = 0;
    if (store_read(world.store, &token, &lease, sizeof lease) == 0) return "the store is empty";
    snprintf(text, sizeof text, "the store has lease %" PRIu64 "'s, %s", lease % LEASES_MAX,
             token == leases[lease % LEASES_MAX].token ? "with its token" : "with another token");
    return text;
}
