/* SPDX-License-Identifier: MIT */
/* crowd.c -- many threads read and write a few keys, one of them most of the time; shards
 * are slow, and fail now and then.
 *
 *   crowd  threads, rounds (each), staleness (of a clock that counts its readings)
 *
 * A copy is one word, version and value, and relaxed: the driver orders nothing.
 *
 * Evidence: `gets` that were answered, `failed` ones, `puts` that were answered true; `backwards`, gets that answered
 * an older version than the same thread had read or put; `strangers`, values that were never put under that key;
 * `at_once`, fetches of a copy while another one ran; `ahead`, stores of a copy with a higher version than its home
 * copy had; `astray`, copies on a wrong shard; when all have ended, `lost`: keys whose last value is not read;
 * `allocations` between hot_new and hot_free; `bytes` held, of `bytes_most`; the bytes of
 * static variables, `statics`. */
#include "driver.h"

#include <sched.h>
#include <stdatomic.h>

#include "crew.h"
#include "evidence.h"
#include "heap.h"
#include "rng.h"
#include "scenario.h"

enum { SHARDS = 2, SPLITS = 2, KEYS = 5, THREADS_MAX = 8, PUTS_MAX = 4096, VALUE_BITS = 16 };
#define FAILS_ONE_IN 16

static struct {
    uint64_t seed, rounds;
    struct hot_cache *cache;
    _Atomic uint64_t copy[KEYS][SPLITS]; /* version << VALUE_BITS | value; 0: not there */
    _Atomic uint64_t fetching[KEYS][SPLITS];
    _Atomic uint64_t version_of[1 << VALUE_BITS]; /* by value */
    _Atomic uint64_t clock, draws, gets, failed, puts, backwards, strangers, at_once, ahead, astray;
} c;

static void add(_Atomic uint64_t *count) {
    atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
}

static uint64_t load(_Atomic uint64_t *word) {
    return atomic_load_explicit(word, memory_order_relaxed);
}

static uint64_t draw(void *world) {
    (void)world;
    struct rng rng = rng_new(c.seed, atomic_fetch_add_explicit(&c.draws, 1, memory_order_relaxed));
    return rng_next(&rng);
}

static uint64_t now_ns(void *world) {
    (void)world;
    return atomic_fetch_add_explicit(&c.clock, 1, memory_order_relaxed);
}

static bool is_astray(size_t shard, uint64_t key, uint32_t split) {
    if (key < KEYS && split < SPLITS && shard == hot_shard(key, split, SHARDS)) return false;
    add(&c.astray);
    return true;
}

static bool fetch_one(void *world, size_t shard, uint64_t key, uint32_t split, uint64_t *value, uint64_t *version) {
    (void)world;
    if (is_astray(shard, key, split)) return false;
    if (atomic_fetch_add_explicit(&c.fetching[key][split], 1, memory_order_relaxed)) add(&c.at_once);
    sched_yield();
    uint64_t word = draw(NULL) % FAILS_ONE_IN ? load(&c.copy[key][split]) : 0;
    sched_yield();
    *value = word % (1 << VALUE_BITS), *version = word >> VALUE_BITS;
    atomic_fetch_sub_explicit(&c.fetching[key][split], 1, memory_order_relaxed);
    return word;
}

static bool store_one(void *world, size_t shard, uint64_t key, uint32_t split, uint64_t value, uint64_t version) {
    (void)world;
    if (is_astray(shard, key, split)) return false;
    uint64_t word = version << VALUE_BITS | value, old = load(&c.copy[key][split]), fails = draw(NULL) % FAILS_ONE_IN;
    sched_yield();
    if (split > 0 && load(&c.copy[key][0]) < word) add(&c.ahead);
    if (fails == 0) return false;
    if (split == 0) atomic_store_explicit(&c.version_of[value], version, memory_order_relaxed);
    while (old < word && !atomic_compare_exchange_weak_explicit(&c.copy[key][split], &old, word, memory_order_relaxed,
                                                                memory_order_relaxed)) {
    }
    return split == 0 || fails != 1; /* else the answer is lost */
}

/* What one thread knows: it never goes back. */
struct memory {
    uint64_t newest[KEYS], puts;
};

static void get(struct memory *mine, uint64_t key) {
    uint64_t value = 0;
    if (!hot_get(c.cache, key, &value)) {
        add(&c.failed);
        return;
    }
    add(&c.gets);
    uint64_t version = value < 1 << VALUE_BITS && value % KEYS == key ? load(&c.version_of[value]) : 0;
    if (!version) add(&c.strangers);
    if (version && version < mine->newest[key]) add(&c.backwards);
    if (version > mine->newest[key]) mine->newest[key] = version;
}

/* A value tells its key, and is put once. */
static void put(struct memory *mine, uint64_t key, uint64_t me) {
    uint64_t value = (me * PUTS_MAX + mine->puts++) * KEYS + key + KEYS;
    if (value >> VALUE_BITS || !hot_put(c.cache, key, value)) return;
    add(&c.puts);
    uint64_t version = load(&c.version_of[value]);
    if (version > mine->newest[key]) mine->newest[key] = version;
}

static void work(uint64_t me) {
    struct memory mine = {{0}, 0};
    struct rng rng = rng_new(c.seed, 1000 + me);
    for (uint64_t i = 0; i < c.rounds; i++) {
        uint64_t key =
            i / 300 % 3 != 2 && rng_below(&rng, 8) ? 0 : rng_below(&rng, KEYS); /* it cools down in between */
        if (rng_below(&rng, 8))
            get(&mine, key);
        else
            put(&mine, key, me);
        if (i % 64 == 0) evidence_progress();
    }
}

/* Nobody else is there: what is read is what home has, from whichever copy. */
static uint64_t count_lost(void) {
    uint64_t lost = 0;
    for (uint64_t key = 0; key < KEYS; key++)
        for (int i = 0; i < 100; i++) {
            uint64_t value = 0, home = load(&c.copy[key][0]) % (1 << VALUE_BITS);
            lost += hot_get(c.cache, key, &value) && value != home;
        }
    return lost;
}

static void report(void) {
    evidence_count("gets", c.gets);
    evidence_count("failed", c.failed);
    evidence_count("puts", c.puts);
    evidence_count("backwards", c.backwards);
    evidence_count("strangers", c.strangers);
    evidence_count("at_once", c.at_once);
    evidence_count("ahead", c.ahead);
    evidence_count("astray", c.astray);
}

void crowd(uint64_t seed) {
    c.seed = seed;
    c.rounds = scenario_param("rounds");
    c.clock = 1;
    c.cache = new_cache(SHARDS, 2, scenario_param("staleness"), SPLITS,
                        (struct hot_env){fetch_one, store_one, now_ns, draw, NULL});
    evidence_count("bytes", (uint64_t)heap_live_bytes());
    evidence_count("statics", heap_static_bytes ? heap_static_bytes() : 0);
    evidence_count("bytes_most", 128 * 1024 + 2 * (128 + 16 * SPLITS));
    uint64_t taken = heap_allocations();
    crew_join(crew_start(scenario_param("threads"), work));
    evidence_count("lost", count_lost());
    evidence_count("allocations", heap_allocations() - taken);
    hot_free(c.cache);
    report();
}
