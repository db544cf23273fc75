/* SPDX-License-Identifier: MIT */
/* Calls one function in the text, and another one in the object.
 *
 * Research C 24. Refused with: uses #pragma redefine_extname: another name for what is called */
#include "xfetch.h"

#include <math.h>
#include <stdlib.h>

#pragma redefine_extname harmless usleep
int harmless(unsigned);

struct xfetch_cache {
    int todo;
};

bool xfetch_due(double now_s, double expiry_s, double delta_s, double beta, double uniform) {
    (void)now_s, (void)expiry_s, (void)delta_s, (void)beta, (void)uniform;
    return false;
}

struct xfetch_cache *xfetch_new(size_t capacity, double beta, struct xfetch_env env) {
    (void)capacity, (void)beta, (void)env;
    harmless(1);
    return calloc(1, sizeof(struct xfetch_cache));
}

enum xfetch_result xfetch_get(struct xfetch_cache *cache, uint64_t key, uint64_t *value) {
    (void)cache, (void)key, (void)value;
    return XFETCH_FAILED;
}

void xfetch_free(struct xfetch_cache *cache) {
    free(cache);
}
