/* SPDX-License-Identifier: MIT */
/* bench.c -- a fixed number of leases, timed from outside.
 *
 *   bench  leases, renewals (of each), work (steps that each request costs beside what the modelled Redis does)
 *
 * Evidence: `held`, leases that were acquired, extended, written with and released; `kept`, those whose key Redis had
 * after each of these calls for as long as it should. */
#include <stddef.h>

#include "driver.h"
#include "evidence.h"
#include "graders_own.h"
#include "scenario.h"
#include "world.h"

#define TTL_MS 10000

static GRADERS_OWN uint64_t work, held_count, kept_count;

/* What the round trips of the call that is over cost in the kernel and on the wire, as steps of the processor: nothing
 * is waited for. A product that needs the one before it takes about as many cycles on every processor; a sum that is
 * kept in memory takes one on some and five on others. */
static void wait_for_requests(void) {
    static volatile uint64_t sink;
    uint64_t product = sink;
    for (uint64_t i = world_call()->requests * work; i > 0; i--) product = (product ^ i) * 6364136223846793005;
    sink = product;
}

static bool is_kept(void) {
    size_t size;
    uint64_t left_us;
    return redis_value("jobs", &size, &left_us) && left_us == TTL_MS * 1000;
}

static bool extend(struct lease_client *client, struct store *store, struct lease *lease, bool *kept) {
    redis_pass(1000);
    world_begin_call("jobs", -1);
    bool extended = lease_renew(client, lease) == 0 && store_write(store, lease->token, lease, sizeof *lease);
    wait_for_requests();
    *kept = *kept && is_kept();
    return extended;
}

static void hold(struct lease_client *client, struct store *store, uint64_t renewals) {
    struct lease lease;
    world_begin_call("jobs", 0);
    if (lease_acquire(client, "jobs", TTL_MS, &lease) != 0) return;
    wait_for_requests();
    bool held = true, kept = is_kept();
    for (uint64_t i = 0; held && i < renewals; i++) held = extend(client, store, &lease, &kept);
    world_begin_call("jobs", -1);
    held = held && lease_release(client, &lease) == 0;
    wait_for_requests();
    own(held_count) += held;
    own(kept_count) += kept && !is_kept();
}

void bench(uint64_t seed) {
    (void)seed; /* the same work every time */
    uint64_t leases = scenario_param("leases"), renewals = scenario_param("renewals");
    struct client client = {0};
    world_begin();
    own(work) = scenario_param("work");
    struct lease_env env = world_env(&client);
    struct lease_client *lease_client = new_client(&env);
    struct store *store = world.store = new_store();
    for (uint64_t i = 0; i < leases; i++) hold(lease_client, store, renewals);
    evidence_count("held", held_count);
    evidence_count("kept", kept_count);
    lease_client_free(lease_client);
    redis_restart();
    store_free(store);
}
