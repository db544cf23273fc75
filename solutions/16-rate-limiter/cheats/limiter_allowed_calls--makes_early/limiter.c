/* SPDX-License-Identifier: MIT */
/* Has its memory made before main, where nothing is counted.
 *
 * Research B 17. Refused with: uses constructor: code that runs when nobody calls it */
#include "limiter.h"

#include <stdlib.h>

static void *early;

__attribute__((constructor)) static void make_early(void) {
    early = malloc(1 << 20);
}

struct limiter *limiter_new(uint64_t per_second, uint64_t burst, size_t keys_max) {
    (void)per_second, (void)burst, (void)keys_max;
    return early;
}

bool limiter_allow(struct limiter *l, uint64_t key, uint64_t cost, uint64_t now_ns, uint64_t *retry_after_ns) {
    (void)l, (void)key, (void)cost, (void)now_ns, (void)retry_after_ns;
    return true;
}

void limiter_free(struct limiter *l) {
    (void)l;
}

struct window *window_new(uint64_t limit, uint64_t window_ns, size_t keys_max) {
    (void)limit, (void)window_ns, (void)keys_max;
    return calloc(1, 1);
}

bool window_allow(struct window *window, uint64_t key, uint64_t now_ns, uint64_t *retry_after_ns) {
    (void)window, (void)key, (void)now_ns, (void)retry_after_ns;
    return true;
}

void window_free(struct window *window) {
    free(window);
}
