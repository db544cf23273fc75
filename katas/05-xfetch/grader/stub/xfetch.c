/* SPDX-License-Identifier: MIT */
/* xfetch.c -- a cache that refreshes its values before they are missed.
 *
 * This is the only file you edit. The types and the full contract are in
 * xfetch.h; run `bun kata hint 05` when you are stuck.
 *
 * What must stay true, whatever the threads do:
 *   1. A key is loaded by one thread at a time; the others wait for it or are
 *      served the old value, never both and never neither.
 *   2. Value, delta and expiry belong together: no get sees half a change.
 *   3. While the origin is slow for one key, all other keys answer at once.
 *
 * Before you type, answer this on paper: a thousand readers want a key, and it
 * expires at noon. When would you like the one load of it to begin? And how
 * does a reader know, without asking the others, that it is the one to begin it? */
#include "xfetch.h"

#include <math.h>
#include <stdlib.h>

struct xfetch_cache {
    int todo; /* What does a hit read? What does a load write, and who may be reading it then? */
};

bool xfetch_due(double now_s, double expiry_s, double delta_s, double beta, double uniform) {
    (void)now_s, (void)expiry_s, (void)delta_s, (void)beta, (void)uniform;
    return false; /* TODO: what is the logarithm of 0, and what is 0 times that? */
}

struct xfetch_cache *xfetch_new(size_t capacity, double beta, struct xfetch_env env) {
    (void)capacity, (void)beta, (void)env;
    return calloc(1, sizeof(struct xfetch_cache)); /* TODO: which capacities have to be refused? */
}

/* Any thread may call this at any time. */
enum xfetch_result xfetch_get(struct xfetch_cache *cache, uint64_t key, uint64_t *value) {
    (void)cache, (void)key, (void)value;
    return XFETCH_FAILED; /* TODO: hit, refresh, wait or load: in which order do you ask? */
}

void xfetch_free(struct xfetch_cache *cache) {
    free(cache); /* TODO: what else does the cache own? */
}
