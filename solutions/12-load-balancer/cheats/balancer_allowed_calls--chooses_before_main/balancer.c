/* SPDX-License-Identifier: MIT */
/* Makes its table of picks before main, where nothing is counted or timed.
 *
 * Research B 17. Refused with: uses constructor: code that runs when nobody calls it */
#include "balancer.h"

#include <stdlib.h>

enum { TABLE = 4096 };

static int table[TABLE];

__attribute__((constructor)) static void choose_early(void) {
    for (int i = 0; i < TABLE; i++) table[i] = i % 3;
}

struct balancer {
    size_t n, at;
};

struct balancer *lb_new(enum lb_policy policy, const struct lb_backend *backends, size_t n, struct lb_env env) {
    (void)policy, (void)backends, (void)env;
    struct balancer *lb = n ? calloc(1, sizeof *lb) : NULL;
    if (lb) lb->n = n;
    return lb;
}

int lb_pick(struct balancer *lb, const void *client, size_t client_size) {
    (void)client, (void)client_size;
    return table[lb->at++ % TABLE] % (int)lb->n;
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
