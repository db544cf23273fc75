/* SPDX-License-Identifier: MIT */
/* bench.c -- a fixed number of requests, timed from outside.
 *
 *   bench  policy, backends, requests (a multiple of HELD), threads
 *
 * Each thread holds HELD requests, and ends any of them before it picks anew; those of the first
 * thread are active to the end.
 *
 * Evidence: `ended`; `strangers`, answers that are no backend; `uneven`: of LB_LEAST_CONNECTIONS, how
 * many backends get a second request while others have none. */
#include "driver.h"

#include <stdlib.h>

#include "crew.h"
#include "evidence.h"
#include "rng.h"
#include "scenario.h"

enum { HELD = 64 };

static struct {
    struct balancer *lb;
    uint64_t backends, requests;
    int left[HELD]; /* active to the end */
    _Atomic uint64_t ended, strangers;
} b;

static int pick_one(uint64_t client, uint64_t *strangers) {
    int backend = lb_pick(b.lb, &client, sizeof client);
    if (backend >= 0 && (uint64_t)backend < b.backends) return backend;
    ++*strangers;
    return -1;
}

static void request_all(uint64_t me) {
    int held[HELD];
    uint64_t strangers = 0, ended = 0;
    struct rng rng = rng_new(1, me);
    for (int i = 0; i < HELD; i++) held[i] = pick_one((uint64_t)i, &strangers);
    for (uint64_t i = 0; i < b.requests; i++) {
        int *slot = &held[rng_next(&rng) % HELD];
        if (*slot >= 0) lb_done(b.lb, *slot, false), ended++;
        *slot = pick_one(i * 31 + me, &strangers);
    }
    for (int i = 0; i < HELD; i++) {
        if (me == 0)
            b.left[i] = held[i];
        else if (held[i] >= 0)
            lb_done(b.lb, held[i], false);
    }
    b.ended += ended, b.strangers += strangers;
}

/* Each of those that are active has a backend of its own, as has each of as many more as there are others. */
static uint64_t uneven(void) {
    uint64_t count = 0, strangers = 0;
    bool *had = calloc(b.backends, sizeof *had);
    for (uint64_t i = 0; i < b.backends; i++) {
        int backend = i < HELD ? b.left[i] : pick_one(i, &strangers);
        if (backend < 0 || had[backend]) count++;
        if (backend >= 0) had[backend] = true;
    }
    free(had);
    return count;
}

void bench(uint64_t seed) {
    (void)seed; /* the same work every time */
    uint64_t threads = scenario_param("threads");
    enum lb_policy policy = (enum lb_policy)scenario_param("policy");
    b.backends = scenario_param("backends"), b.requests = scenario_param("requests") / threads;
    b.lb = new_balancer(policy, b.backends, 1, quiet_env());
    crew_join(crew_start(threads, request_all));
    evidence_count("ended", b.ended);
    evidence_count("strangers", b.strangers);
    evidence_count("uneven", policy == LB_LEAST_CONNECTIONS ? uneven() : 0);
    lb_free(b.lb);
}
