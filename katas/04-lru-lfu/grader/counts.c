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
 * Evidence: the rows `pairs`. */
#include "driver.h"

#include "evidence.h"

EVIDENCE_ROW(pair, more, less, /* uses */
             left);            /* the key that left; 0: none */

static struct pair pairs[] = {
    {260, 250, 0}, {300, 280, 0}, {65600, 65500, 0}, {65900, 65800, 0}, {1048600, 1048500, 0}};
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
    for (struct pair *p = pairs; p < pairs + PAIRS; p++) {
        struct lfu_cache *cache = new_cache(LFU, 2);
        struct cache_entry evicted = {0, 0};
        use(cache, 1, p->more);
        use(cache, 2, p->less);
        p->left = lfu_put(cache, 3, 3, &evicted) ? evicted.key : 0;
        lfu_free(cache);
    }
    evidence_rows("pairs", pair, pairs, PAIRS);
}
