/* SPDX-License-Identifier: MIT */
/* memory.c -- what the balancer takes, and gives back.
 *
 *   no_memory   see refusals.h */
#include "driver.h"

#include <stddef.h>

#include "refusals.h"

enum { BACKENDS = 3, POLICIES = 6 };

static const struct lb_backend backends[BACKENDS] = {{"one", 1}, {"two", 2}, {"three", 3}};

/* The one that needs most. */
static void *make(void) {
    return lb_new(LB_CONSISTENT, backends, BACKENDS, quiet_env());
}

static bool works(void *lb) {
    int first = lb_pick(lb, "client", 6);
    if (first < 0 || first >= BACKENDS) return false;
    lb_done(lb, first, false);
    return lb_pick(lb, "client", 6) == first;
}

static void end(void *lb) {
    lb_free(lb);
}

static void live(uint64_t number) {
    struct balancer *lb = new_balancer((enum lb_policy)(number % POLICIES), 1 + number % 7, 2, quiet_env());
    int backend = lb_pick(lb, "client", 6);
    if (number % 2 == 0) lb_done(lb, backend, number % 3 == 0);
    lb_free(lb);
}

void no_memory(uint64_t seed) {
    (void)seed;
    refuse_each(&(struct refused_object){make, works, end, live});
}
