/* SPDX-License-Identifier: MIT */
/* queueing.c -- a balancer in front of simulated backends, for the lab.
 *
 *   queueing  policy, requests, load_percent, kind, keys
 *
 * BACKENDS backends serve one request at a time, first come, first served. A request takes 1 ms
 * on average (exponentially) at a backend of speed 1. Requests come at random, at `load_percent`
 * of what all backends together can serve, each from one of `keys` clients. `kind` 0: all of speed 1;
 * 1: half of them of speed 4, and the weights say so; 2: the first is ten times as slow
 * as the others, and the weights do not know it.
 *
 * Evidence: `latency_us` of each request, in the order in which they end. */
#include "driver.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "evidence.h"
#include "rng.h"
#include "scenario.h"

enum { BACKENDS = 8, EQUAL = 0, UNEQUAL = 1, ONE_SLOW = 2, QUICK = 4, SLOW = 10 };

struct request {
    double came;
    struct request *next;
};

static struct backend {
    double speed, free_at; /* free_at: when the first of its queue is served */
    struct request *first, *last;
} backends[BACKENDS];

static struct rng rng;
static double now; /* in ms */

static double exponential(double mean) {
    return -mean * log(((double)(rng_next(&rng) >> 11) + 1) / 9007199254740993.0);
}

static uint64_t now_ns(void *world) {
    (void)world;
    return (uint64_t)(now * 1e6);
}

static uint64_t draw(void *world) {
    (void)world;
    return rng_next(&rng) >> 8;
}

static struct balancer *balance(enum lb_policy policy, uint64_t kind) {
    static char names[BACKENDS][8];
    struct lb_backend all[BACKENDS];
    for (int i = 0; i < BACKENDS; i++) {
        bool quick = kind == UNEQUAL && i % 2 == 1;
        snprintf(names[i], sizeof names[i], "b%d", i);
        backends[i].speed = quick ? QUICK : kind == ONE_SLOW && i == 0 ? 1.0 / SLOW : 1;
        all[i] = (struct lb_backend){names[i], quick ? QUICK : 1};
    }
    return lb_new(policy, all, BACKENDS, (struct lb_env){now_ns, draw, NULL});
}

static void begin_next(struct backend *b) {
    if (b->first) b->free_at = now + exponential(1 / b->speed);
}

static void arrive(struct balancer *lb, struct request *request, uint64_t keys) {
    uint64_t client = rng_below(&rng, keys);
    int index = lb_pick(lb, &client, sizeof client);
    if (index < 0 || index >= BACKENDS) evidence_broken_off("lb_pick", "answered no backend", "a backend", "lb_pick");
    struct backend *b = &backends[index];
    *request = (struct request){now, NULL};
    *(b->first ? &b->last->next : &b->first) = request;
    b->last = request;
    if (b->first == request) begin_next(b);
}

static uint64_t leave(struct balancer *lb, struct backend *b) {
    double latency = now - b->first->came;
    b->first = b->first->next;
    lb_done(lb, (int)(b - backends), false);
    begin_next(b);
    return (uint64_t)(latency * 1000);
}

static struct backend *next_to_end(void) {
    struct backend *next = NULL;
    for (struct backend *b = backends; b < backends + BACKENDS; b++)
        if (b->first && (!next || b->free_at < next->free_at)) next = b;
    return next;
}

void queueing(uint64_t seed) {
    uint64_t count = scenario_param("requests"), keys = scenario_param("keys"), came = 0, ended = 0;
    double capacity = 0, next_arrival = 0;
    rng = rng_new(seed, 1);
    struct balancer *lb = balance((enum lb_policy)scenario_param("policy"), scenario_param("kind"));
    if (!lb) evidence_broken_off("lb_new", "answered NULL, with memory to be had", "a balancer", "lb_new");
    for (int i = 0; i < BACKENDS; i++) capacity += backends[i].speed;
    double gap = 100 / (capacity * (double)scenario_param("load_percent"));
    struct request *requests = calloc(count, sizeof *requests);
    uint64_t *latency_us = calloc(count, sizeof *latency_us);
    while (ended < count) {
        struct backend *b = next_to_end();
        bool arrives = came < count && (!b || next_arrival < b->free_at);
        now = arrives ? next_arrival : b->free_at;
        if (arrives)
            arrive(lb, &requests[came++], keys), next_arrival = now + exponential(gap);
        else
            latency_us[ended++] = leave(lb, b);
    }
    evidence_series("latency_us", latency_us, count);
    free(requests), free(latency_us);
    lb_free(lb);
}
