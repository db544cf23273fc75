/* SPDX-License-Identifier: MIT */
/* balancer.c -- who gets the next request.
 *
 * One of the two files you edit. The types and the full contract are in
 * balancer.h; run `bun kata hint 12` when you are stuck.
 *
 * What must stay true, whatever clients, backends and threads do:
 *   1. Every pick is the one that the policy names: not nearly, exactly.
 *   2. A backend that is down is picked by nobody.
 *   3. A pick does not look at every backend.
 *
 * Before you type, answer this on paper: two backends have 3 and 4 requests, and
 * weights 2 and 3. Which is busier, and how do you compare them without a fraction? */
#include "balancer.h"

#include <stdlib.h>

struct balancer {
    int todo; /* What does a pick need to know, and what may change it? */
};

/* All backends are up, and nothing is active. */
struct balancer *lb_new(enum lb_policy policy, const struct lb_backend *backends, size_t n, struct lb_env env) {
    (void)policy, (void)backends, (void)n, (void)env;
    return calloc(1, sizeof(struct balancer)); /* TODO: which backends make no sense? */
}

/* A backend for this client. */
int lb_pick(struct balancer *lb, const void *client, size_t client_size) {
    (void)lb, (void)client, (void)client_size;
    return -1; /* TODO: who is up? Which of them does the policy name? */
}

/* A request has ended. */
void lb_done(struct balancer *lb, int backend, bool failed) {
    (void)lb, (void)backend, (void)failed; /* TODO: when is this failure the third in a row? */
}

/* Down, or up again. */
void lb_set_up(struct balancer *lb, int backend, bool up) {
    (void)lb, (void)backend, (void)up; /* TODO: what does a policy remember of a backend that is down? */
}

/* Give everything back. `lb` may be NULL. */
void lb_free(struct balancer *lb) {
    free(lb);
}
