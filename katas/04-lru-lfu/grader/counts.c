/* SPDX-License-Identifier: MIT */
/* counts.c -- counts that a few bits do not hold.
 *
 *   counts
 *
 * In a cache of two, key 1 is used `more` times, then key 2 a few times less.
 * The next put must evict key 2. A count that saturated makes the two equal,
 * and key 1 leaves, whose last use is longer ago; one that wrapped makes key
 * 1's the smaller.
 *
 * Evidence, an entry per pair: `more`, `less` (uses), `left` (the key, 0 for
 * none). */
#include "driver.h"

#include "evidence.h"

static const uint64_t pairs[][2] = {{260, 250}, {300, 280}, {65600, 65500}, {65900, 65800}, {1048600, 1048500}};
#define PAIRS (sizeof pairs / sizeof *pairs)

static void use(struct lfu_cache *cache, uint64_t key, uint64_t times) {
    for (uint64_t i = 0; i < times; i++) {
        if (i == 0)
            (void)lfu_put(cache, key, key, NULL); /* there is room */
        else
            (void)lfu_get(cache, key, NULL); /* what leaves in the end tells */
        if (i % 65536 == 0) evidence_progress();
    }
}

void counts(uint64_t seed) {
    (void)seed;
    uint64_t more[PAIRS], less[PAIRS], left[PAIRS];
    for (size_t i = 0; i < PAIRS; i++) {
        struct lfu_cache *cache = new_cache(LFU, 2);
        struct cache_entry evicted = {0, 0};
        more[i] = pairs[i][0], less[i] = pairs[i][1];
        use(cache, 1, more[i]);
        use(cache, 2, less[i]);
        left[i] = lfu_put(cache, 3, 3, &evicted) ? evicted.key : 0;
        lfu_free(cache);
    }
    evidence_series("more", more, PAIRS);
    evidence_series("less", less, PAIRS);
    evidence_series("left", left, PAIRS);
}
