/* SPDX-License-Identifier: MIT */
/* counts.c -- what lb_new, picks and ends of requests cost, in steps and allocations.
 *
 *   counts
 *
 * A balancer of few backends and one of many, for each policy whose costs are bounded.
 * One to two requests are active at every backend, on average; each phase picks, then ends what was
 * picked, oldest first. One backend is out, so that the time matters, and one is down.
 *
 * First, lb_new makes balancers of 4 and of 1,024 backends; one that overruns ends the scenario.
 *
 * Evidence: the rows `costs`, of phase 2 * policy (picks) and 2 * policy + 1 (ends), and of
 * phase 2 * LB_WEIGHTED + 1; and of phase OF_NEW + policy (lb_new, whose `calls` are the backends). */
#include "driver.h"

#include <stdlib.h>

#include "costs.h"
#include "evidence.h"

#define FEW 16
#define MANY 4096
#define CALLS 256
#define LIMIT 20000 /* a call: far more than a logarithm, and less than a look at every one, often */
#define OF_NEW (2 * (uint64_t)LB_TWO_CHOICES + 2)
#define NEW_LIMIT 50000 /* a backend: 500 for each of its points */

static void warm_up(struct balancer *lb, uint64_t n) {
    lb_set_up(lb, 1, false);
    for (uint64_t i = 0; i < n + n / 2; i++) (void)pick(lb, i * 977, n); /* half-way round, for those in turn */
    for (int i = 0; i < LB_FAILURES; i++) {                              /* whoever it is, three failures take it out */
        uint64_t backend = pick(lb, 1, n);
        lb_done(lb, (int)backend, true);
    }
}

static void count_calls(enum lb_policy policy, struct balancer *lb, uint64_t n) {
    static uint64_t picked[CALLS];
    bool counted = policy != LB_WEIGHTED;
    if (counted) cost_begin(2 * (uint64_t)policy, n, CALLS, (uint64_t)CALLS * LIMIT);
    for (uint64_t i = 0; i < CALLS; i++) picked[i] = pick(lb, i, n);
    if (counted) cost_end();
    cost_begin(2 * (uint64_t)policy + 1, n, CALLS, (uint64_t)CALLS * LIMIT);
    for (uint64_t i = 0; i < CALLS; i++) lb_done(lb, (int)picked[i], i % 16 == 0);
    cost_end();
}

static void count_new(enum lb_policy policy) {
    static const uint64_t sizes[] = {4, 1024};
    for (int i = 0; i < 2; i++) {
        cost_begin(OF_NEW + (uint64_t)policy, sizes[i], sizes[i], sizes[i] * NEW_LIMIT);
        struct balancer *lb = new_balancer(policy, sizes[i], 2, quiet_env());
        cost_end();
        lb_free(lb);
    }
}

static void count_policy(enum lb_policy policy) {
    static const uint64_t sizes[] = {FEW, MANY};
    for (int i = 0; i < 2; i++) {
        struct balancer *lb = new_balancer(policy, sizes[i], 2, quiet_env());
        warm_up(lb, sizes[i]);
        count_calls(policy, lb, sizes[i]);
        lb_free(lb);
        evidence_progress();
    }
}

void counts(uint64_t seed) {
    (void)seed; /* counts do not depend on chance */
    for (int policy = LB_ROUND_ROBIN; policy <= LB_TWO_CHOICES; policy++) count_new((enum lb_policy)policy);
    for (int policy = LB_ROUND_ROBIN; policy <= LB_TWO_CHOICES; policy++) count_policy((enum lb_policy)policy);
    costs_report();
}
