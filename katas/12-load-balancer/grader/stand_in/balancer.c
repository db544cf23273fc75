/* SPDX-License-Identifier: MIT */
/* balancer.c -- stands behind the learner's proxy.c, so that it is not blamed for a balancer: the
 * simulation's own (sim_balancer.c) goes before it. Here the first one is always picked. A peer that picks by itself
 * has it, too. */
#include "balancer.h"

#include <stdlib.h>

struct balancer {
    size_t n; /* backends */
};

struct balancer *lb_new(enum lb_policy policy, const struct lb_backend *backends, size_t n, struct lb_env env) {
    (void)policy, (void)backends, (void)env;
    struct balancer *lb = malloc(sizeof *lb);
    if (lb) lb->n = n;
    return lb;
}

int lb_pick(struct balancer *lb, const void *client, size_t client_size) {
    (void)lb, (void)client, (void)client_size;
    return 0;
}

void lb_done(struct balancer *lb, int backend, bool failed) {
    (void)lb, (void)backend, (void)failed;
}

void lb_set_up(struct balancer *lb, int backend, bool up) {
    (void)lb, (void)backend, (void)up;
}

void lb_free(struct balancer *lb) {
    free(lb);
}
