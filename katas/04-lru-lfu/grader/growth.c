/* SPDX-License-Identifier: MIT */
/* growth.c -- what the calls cost as the cache grows, counted on one thread.
 *
 *   growth  kind
 *
 * Phases, with 1,000, 32,000 and 1,000,000 entries. Each makes as many calls
 * as there are entries, so that work put off to every n-th call has its share
 * in each. A phase is stopped when it has taken STEP_LIMIT steps a call and
 * FREE_STEPS in all.
 *
 *   0 fill       puts of new keys, into an empty cache
 *   1 hit        gets of the entries that wait for eviction longest
 *   2 overwrite  puts of the same, in another order (not with 1,000,000)
 *   3 evict      puts of new keys
 *   4 remove     removals, each followed by a put that fills the place (not
 *                with 1,000,000)
 *   5 climb      with 50 and 1,000 entries: gets, until every entry has a count
 *                of its own
 *   6 apart      the same counts: evictions, gets, overwritings and removals
 *   7 look       sizes, gets and removals of keys that are not there, gets that
 *                want no value (not with 1,000,000)
 *   8 stir       gets of all entries in another order (with 1,000,000 only)
 *   9 succeed    puts of new keys, each followed by gets until it has as many
 *                uses as the others (LFU, with 1,000,000 only)
 *  10 empty      in an empty cache: sizes, gets and removals of keys that are not
 *                there, puts that are removed at once
 *  11 half       the same in a cache that is half full
 *  12 clear      removals of all entries, the newest first
 *  13 emptied    as 10, after 12
 *  14 refill     puts of new keys, after 13
 *  15 gap        in a cache of three, two entries with 1,000 and 2,000 uses, or
 *                with 32,000 and 64,000 (which is the size here), and one with
 *                few: puts that evict it, gets of all three, removals (LFU)
 *  16 life       puts of new keys and removals in a cache of 1,000: the first
 *                2,000 after it was filled (`entries` 0), then a million, in
 *                ten parts (`entries` 1 to 10); LIFE_STEP_LIMIT steps a call
 *
 * Phases 10 to 14 are left out with 1,000,000 entries.
 *
 * Evidence: the rows `costs`. `wrong` counts answers that differ from the
 * contract's, in all phases but 5, 6 and 16: with many entries, too, the one
 * whose last use is longest ago, or that has the fewest uses, leaves first. */
#include "driver.h"

#include <stdbool.h>

#include "costs.h"
#include "scenario.h"

#define STEP_LIMIT 2000
#define FREE_STEPS 10000000
#define LIFE_STEP_LIMIT 500
#define LIFE_PARTS 10
#define LIFE_PART 100000
#define YOUNG 1000

enum phase {
    FILL,
    HIT,
    OVERWRITE,
    EVICT,
    REMOVE,
    CLIMB,
    APART,
    LOOK,
    STIR,
    SUCCEED,
    EMPTY,
    HALF,
    CLEAR,
    EMPTIED,
    REFILL,
    GAP,
    LIFE_LONG
};

static struct {
    const struct kind *kind;
    void *cache;
} g;

static void begin(enum phase phase, uint64_t entries, uint64_t calls) {
    cost_begin(phase, entries, calls, calls * (phase == LIFE_LONG ? LIFE_STEP_LIMIT : STEP_LIMIT) + FREE_STEPS);
}

#define NOBODY UINT64_MAX

/* A put that has to evict `victim`, or no entry (NOBODY). */
static void put(uint64_t key, uint64_t victim) {
    struct cache_entry evicted;
    bool left = g.kind->put(g.cache, key, key, &evicted);
    cost_wrong(victim == NOBODY ? left : !left || evicted.key != victim || evicted.value != victim);
}

static void put_any(uint64_t key) {
    struct cache_entry evicted;
    (void)g.kind->put(g.cache, key, key, &evicted); /* matches_model judges answers; here only the cost counts */
}

static void get(uint64_t key) {
    uint64_t value = ~key;
    cost_wrong(!g.kind->get(g.cache, key, &value) || value != key);
}

static void get_any(uint64_t key) {
    uint64_t value;
    (void)g.kind->get(g.cache, key, &value); /* as above */
}

static void open_cache(size_t capacity) {
    g.cache = new_cache(scenario_param("kind"), capacity);
}

/* The i-th of n keys in a mixed order: 389 is a prime that divides no n here. */
static uint64_t mixed(uint64_t i, uint64_t n) {
    return i * 389 % n;
}

static void replace(uint64_t n) {
    begin(OVERWRITE, n, n);
    for (uint64_t i = 0; i < n; i++) put(mixed(i, n), NOBODY);
    cost_end();
    begin(REMOVE, n, n);
    for (uint64_t key = 0; key < n / 2; key++) {
        cost_wrong(!g.kind->remove(g.cache, key));
        put(4 * n + key, NOBODY);
    }
    cost_end();
}

static void stir(uint64_t n) {
    begin(STIR, n, n);
    for (uint64_t i = 0; i < n; i++) get(mixed(i, n));
    cost_end();
}

/* After stir() and an eviction of n: each entry has USES uses, except the last that came. */
static void succeed(uint64_t n) {
    enum { USES = 3 };
    begin(SUCCEED, n, n / 8 * USES);
    for (uint64_t i = 0; i < n / 8; i++) {
        put(16 * n + i, i == 0 ? 9 * n - 1 : mixed(i, n));
        for (int use = 1; use < USES; use++) get(16 * n + i);
    }
    cost_end();
}

/* The entry that leaves at the i-th eviction. LRU: after replace(), what is left of the
 * old keys in the order of their overwriting, then those that filled places;
 * else all as stirred. LFU: what came last has one use, and is the first to go. */
static uint64_t victim(uint64_t i, uint64_t n, bool replaced) {
    static uint64_t overwritten;
    if (scenario_param("kind") == LFU) {
        uint64_t once = replaced ? n / 2 : 0;
        if (once == 0) return i == 0 ? 0 : 8 * n + i - 1;
        return i < once ? 4 * n + i : 8 * n + i - once;
    }
    if (!replaced) return mixed(i, n);
    if (i == 0) overwritten = 0;
    if (i >= n / 2) return 4 * n + i - n / 2;
    while (mixed(overwritten, n) < n / 2) overwritten++;
    return mixed(overwritten++, n);
}

/* No key from 5 n on has an entry, except between the put and the removal. */
static void use_room(enum phase phase, uint64_t n, uint64_t size) {
    begin(phase, n, 5 * n);
    for (uint64_t i = 0; i < n; i++) {
        cost_wrong(g.kind->size(g.cache) != size);
        cost_wrong(g.kind->get(g.cache, 5 * n + i, NULL));
        cost_wrong(g.kind->remove(g.cache, 6 * n + i));
        put(7 * n + i, NOBODY);
        cost_wrong(!g.kind->remove(g.cache, 7 * n + i));
    }
    cost_end();
}

/* Empty, half full, and emptied by removals. */
static void shapes(uint64_t n) {
    open_cache(n);
    use_room(EMPTY, n, 0);
    for (uint64_t key = 0; key < n / 2; key++) put_any(key);
    use_room(HALF, n, n / 2);
    for (uint64_t key = n / 2; key < n; key++) put_any(key);
    begin(CLEAR, n, n);
    for (uint64_t key = n; key > 0; key--) cost_wrong(!g.kind->remove(g.cache, key - 1));
    cost_end();
    use_room(EMPTIED, n, 0);
    begin(REFILL, n, n);
    for (uint64_t key = 0; key < n; key++) put(8 * n + key, NOBODY);
    cost_end();
    g.kind->free(g.cache);
}

/* Keys 1 and 2 have many uses; the third entry is the lone least one. */
static void gap(uint64_t uses) {
    enum { ROUNDS = 1000 };
    open_cache(3);
    for (uint64_t i = 0; i < uses; i++) put_any(1), put_any(2), put_any(2);
    put_any(10);
    begin(GAP, uses, 7 * ROUNDS);
    for (uint64_t key = 11; key < 11 + ROUNDS * 2; key += 2) {
        put(key, key - 1);
        get(key), get(1), get(2);
        cost_wrong(!g.kind->remove(g.cache, key));
        get(1);
        put(key + 1, NOBODY);
    }
    cost_end();
    g.kind->free(g.cache);
}

/* No key from 5 n on has an entry. */
static void look(uint64_t n) {
    begin(LOOK, n, 4 * n);
    for (uint64_t i = 0; i < n; i++) {
        cost_wrong(g.kind->size(g.cache) != n);
        cost_wrong(g.kind->get(g.cache, 5 * n + i, NULL));
        cost_wrong(g.kind->remove(g.cache, 6 * n + i));
        cost_wrong(!g.kind->get(g.cache, i, NULL));
    }
    cost_end();
}

static void full_cache(uint64_t n, bool every_phase) {
    open_cache(n);
    begin(FILL, n, n);
    for (uint64_t key = 0; key < n; key++) put(key, NOBODY);
    cost_end();
    begin(HIT, n, n);
    for (uint64_t key = 0; key < n; key++) get(key);
    cost_end();
    if (every_phase) look(n);
    if (every_phase)
        replace(n);
    else
        stir(n);
    begin(EVICT, n, n);
    for (uint64_t i = 0; i < n; i++) put(8 * n + i, victim(i, n, every_phase));
    cost_end();
    if (scenario_param("kind") == LFU && !every_phase) succeed(n);
    g.kind->free(g.cache);
}

/* Round r uses all entries but the first r: they end with 1, 2, ..., n uses. */
static void apart(uint64_t n) {
    open_cache(n);
    for (uint64_t key = 0; key < n; key++) put_any(key);
    begin(CLIMB, n, n * (n - 1) / 2);
    for (uint64_t round = 1; round < n; round++)
        for (uint64_t key = round; key < n; key++) get_any(key);
    cost_end();
    begin(APART, n, n / 2 * 6);
    for (uint64_t i = 0; i < n / 2; i++) {
        put_any(n + i);
        get_any(n + i); /* two uses: the next put evicts it, or an entry that has two and is older */
        get_any(n - 1 - i);
        put_any(n - 1 - i);
        (void)g.kind->remove(g.cache, n - 1 - i); /* as above */
        put_any(n - 1 - i);
    }
    cost_end();
    g.kind->free(g.cache);
}

static void live(uint64_t from, uint64_t calls) {
    for (uint64_t i = from; i < from + calls; i++) {
        if (i % 8 == 7)
            (void)g.kind->remove(g.cache, i - 1); /* as above */
        else
            put_any(i);
    }
}

static void long_life(void) {
    open_cache(YOUNG);
    live(0, YOUNG);
    begin(LIFE_LONG, 0, 2 * YOUNG);
    live(YOUNG, 2 * YOUNG);
    cost_end();
    for (uint64_t part = 1; part <= LIFE_PARTS; part++) {
        begin(LIFE_LONG, part, LIFE_PART);
        live(3 * YOUNG + (part - 1) * LIFE_PART, LIFE_PART);
        cost_end();
    }
    g.kind->free(g.cache);
}

void growth(uint64_t seed) {
    (void)seed; /* counts do not depend on chance */
    g.kind = &kinds[scenario_param("kind")];
    full_cache(1000, true);
    full_cache(32000, true);
    full_cache(1000000, false);
    shapes(1000);
    shapes(32000);
    if (scenario_param("kind") == LFU) gap(1000), gap(32000);
    apart(50);
    apart(1000);
    long_life();
    costs_report();
}
