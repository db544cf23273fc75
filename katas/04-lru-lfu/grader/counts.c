/* SPDX-License-Identifier: MIT */
/* counts.c -- what counts uses, beyond what a few bits hold.
 *
 *   counts  kind
 *
 * LFU. In a cache of two, key 1 is used more and more often. Now and then
 * another key is used as well, and the next put must evict that one, which has
 * fewer uses: a few at each power of two up to 2^MOST_BITS, where a count that
 * begins again makes key 1's the smaller; and almost as many at some of them,
 * where a count that has stopped makes the two equal, and the last use of key 1
 * is longer ago.
 *
 * LRU. In a cache of two, key 2 is used up to FEW times, then key 1 once, then
 * key 2 until there have been a few more uses than a power of two. The next put
 * must evict key 1: whatever numbers the uses in so many bits, or fewer, has
 * begun again for key 2 and not for key 1. Numbers that are compared by their
 * difference meet one that looks negative.
 *
 * Evidence: the rows `pairs`; the first in which another key left is the last. */
#include "driver.h"

#include "evidence.h"
#include "scenario.h"

#define FEW 20
#define LEAST_BITS 8
#define MOST_BITS 24

EVIDENCE_ROW(pair, first, second, /* uses of key 1, and of the other one after that */
             left);               /* 1 or 2: which of them left; 0: none */

static struct {
    const struct kind *kind;
    void *cache;
    struct pair pairs[64];
    size_t count;
} c;

/* Puts and gets in turn: each is a use. */
static void use(uint64_t key, uint64_t times) {
    for (uint64_t i = 0; i < times; i++) {
        if (i % 2 == 0)
            (void)c.kind->put(c.cache, key, key, NULL); /* what leaves in the end tells */
        else
            (void)c.kind->get(c.cache, key, NULL); /* as above */
        if (i % 65536 == 0) evidence_progress();
    }
}

/* Puts `next`, for which 1 or `other` leaves; is it `due`? */
static bool evict(uint64_t first, uint64_t other, uint64_t second, uint64_t next, uint64_t due) {
    struct cache_entry evicted = {0, 0};
    uint64_t left = c.kind->put(c.cache, next, next, &evicted) ? evicted.key : 0;
    c.pairs[c.count++] = (struct pair){first, second, left == 1 ? 1 : left == other ? 2 : 0};
    return left == due;
}

/* From a whole number of bytes on, so that what stops at its last number is seen. */
static bool may_stop(unsigned bits) {
    return bits == 8 || bits == 16 || bits == 20 || bits == MOST_BITS;
}

static void count_on(void) {
    uint64_t other = 2;
    use(1, 1);
    use(other, 1);
    for (uint64_t bits = LEAST_BITS, first = 1; bits <= MOST_BITS; bits++) {
        uint64_t power = (uint64_t)1 << bits;
        use(1, power + FEW / 2 - first);
        first = power + FEW / 2;
        use(other, FEW - 1);
        if (!evict(first, other, FEW, other + 1, other)) return;
        other++;
        if (!may_stop(bits)) continue;
        use(1, FEW);
        first += FEW;
        use(other, power + FEW - 1);
        if (!evict(first, other, power + FEW, other + 1, other)) return;
        other++;
    }
}

static bool tell_apart(unsigned bits) {
    uint64_t last = ((uint64_t)1 << bits) + FEW / 2 - FEW - 1;
    use(2, FEW);
    use(1, 1);
    use(2, last);
    return evict(1, 2, last, 3, 1);
}

static void open_cache(void) {
    c.cache = new_cache(scenario_param("kind"), 2);
}

void counts(uint64_t seed) {
    (void)seed;
    c.kind = &kinds[scenario_param("kind")];
    if (scenario_param("kind") == LFU) {
        open_cache();
        count_on();
        c.kind->free(c.cache);
    } else {
        bool right = true;
        for (unsigned bits = LEAST_BITS; right && bits <= MOST_BITS; bits += 8) {
            open_cache();
            right = tell_apart(bits);
            c.kind->free(c.cache);
        }
    }
    evidence_rows("pairs", pair, c.pairs, c.count);
}
