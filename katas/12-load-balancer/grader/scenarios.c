/* SPDX-License-Identifier: MIT */
/* scenarios.c -- the list of scenarios, and what they share. */
#include "scenario.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "driver.h"
#include "evidence.h"

const struct scenario scenarios[] = {
    {"crowd", crowd},       {"counts", counts}, {"no_memory", no_memory},   {"bench", bench}, {"queueing", queueing},
    {"one_byte", one_byte}, {"killed", killed}, {"neighbours", neighbours}, {"relay", relay}, {NULL, NULL},
};

static uint64_t no_time(void *world) {
    (void)world;
    return 0;
}

/* Of each thread its own; only the remainder is used, so the high bits come down. */
static uint64_t next_number(void *world) {
    static _Thread_local uint64_t state;
    (void)world;
    state += 0x9e3779b97f4a7c15u;
    return (state ^ state >> 31) * 0xbf58476d1ce4e5b9u >> 16;
}

struct lb_env quiet_env(void) {
    return (struct lb_env){no_time, next_number, NULL};
}

struct balancer *new_balancer(enum lb_policy policy, uint64_t n, uint32_t weight, struct lb_env env) {
    struct lb_backend *backends = malloc(n * sizeof *backends);
    char (*names)[24] = malloc(n * sizeof *names);
    for (uint64_t i = 0; i < n; i++) {
        snprintf(names[i], sizeof names[i], "b%llu", (unsigned long long)i);
        backends[i] = (struct lb_backend){names[i], weight};
    }
    struct balancer *lb = lb_new(policy, backends, n, env);
    free(backends), free(names);
    if (!lb) evidence_broken_off("lb_new", "answered NULL, with memory to be had", "a balancer", "lb_new");
    return lb;
}

uint64_t pick(struct balancer *lb, uint64_t client, uint64_t n) {
    int backend = lb_pick(lb, &client, sizeof client);
    if (backend < 0 || (uint64_t)backend >= n)
        evidence_broken_off("lb_pick", "answered no backend while some are up", "an index from 0 to n - 1", "lb_pick");
    return (uint64_t)backend;
}
