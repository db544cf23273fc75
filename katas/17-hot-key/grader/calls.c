/* SPDX-License-Identifier: MIT */
/* calls.c -- scripted calls, with shards that do what they are told.
 *
 * A copy is written k1/0: key 1, split 0, which is home. Each call answers in words: what it
 * fetched and stored, in order, and what it answered. The order in which hot_put stores the
 * copies that are not home is free: they are told by their split. */
#include <stdio.h>
#include <stdarg.h>
#include <string.h>

#include "driver.h"

enum { KEYS = 16, SPLITS = 8 };
#define UNTOUCHED UINT64_C(0x5ca1ab1e5ca1ab1e)

static struct {
    size_t shards;
    struct {
        uint64_t value, version; /* version 0: not there */
    } copy[KEYS][SPLITS];
    struct {
        uint64_t times, done;
    } failing_fetch[SPLITS], failing_store[SPLITS];
    uint64_t now_ns, draws, fetched[2], stored;
    uint64_t store_tells[SPLITS];
    bool puts, home_stored;
    char told[1024];
} w;

static void __attribute__((format(printf, 1, 2))) tell(const char *format, ...) {
    size_t used = strlen(w.told);
    if (used > sizeof w.told - 160) return;
    if (used) used += (size_t)snprintf(w.told + used, 3, ", ");
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(w.told + used, sizeof w.told - used, format, arguments);
    va_end(arguments);
}

/* k3 is the largest key. Scripts know keys by number. */
static uint64_t key_of(uint64_t number) {
    return number == 3 ? UINT64_MAX : number;
}

static uint64_t number_of(uint64_t key) {
    return key == UINT64_MAX ? 3 : key == 3 ? KEYS : key;
}

static bool is_copy(size_t shard, uint64_t key, uint32_t split, const char *call) {
    if (key >= KEYS || split >= SPLITS || split >= w.shards) {
        tell("%s of key %llu, split %u, which nobody asked for", call, (unsigned long long)key, split);
        return false;
    }
    uint64_t real = key_of(key);
    if (shard == hot_shard(real, split, w.shards)) return true;
    tell("%s of k%d/%u on shard %zu in place of %zu", call, (int)key, split, shard, hot_shard(real, split, w.shards));
    return false;
}

static bool fetch_one(void *world, size_t shard, uint64_t key, uint32_t split, uint64_t *value, uint64_t *version) {
    (void)world;
    key = number_of(key);
    if (!is_copy(shard, key, split, "fetch")) return false;
    w.fetched[split > 0]++;
    *value = UNTOUCHED + 1, *version = UINT64_MAX / 4; /* meaningless, if it fails */
    if (w.failing_fetch[split].times) {
        w.failing_fetch[split].times--;
        tell("fails to fetch k%d/%u", (int)key, split);
        return false;
    }
    tell("fetches k%d/%u", (int)key, split);
    if (!w.copy[key][split].version) return false;
    *value = w.copy[key][split].value, *version = w.copy[key][split].version;
    return true;
}

static void keep(uint64_t key, uint32_t split, uint64_t value, uint64_t version) {
    if (version <= w.copy[key][split].version) return;
    w.copy[key][split].value = value, w.copy[key][split].version = version;
}

static bool store_one(void *world, size_t shard, uint64_t key, uint32_t split, uint64_t value, uint64_t version) {
    (void)world;
    key = number_of(key);
    if (!is_copy(shard, key, split, "store")) return false;
    bool fails = w.failing_store[split].times > 0;
    w.stored++;
    if (w.puts && split > 0 && !w.home_stored) tell("before home");
    if (w.puts && split > 0)
        w.store_tells[split]++;
    else
        tell("%s %llu as version %llu in k%d/%u", fails ? "fails to store" : "stores", (unsigned long long)value,
             (unsigned long long)version, (int)key, split);
    if (split == 0) w.home_stored = true;
    if (fails) w.failing_store[split].times--;
    if (!fails || w.failing_store[split].done) keep(key, split, value, version);
    return !fails;
}

static uint64_t now_ns(void *world) {
    (void)world;
    return w.now_ns;
}

static uint64_t draw(void *world) {
    (void)world;
    return w.draws++;
}

struct hot_cache *script_new(uint64_t shards, uint64_t replicas_max, uint64_t staleness_ns, uint32_t splits);
struct hot_cache *script_new(uint64_t shards, uint64_t replicas_max, uint64_t staleness_ns, uint32_t splits) {
    memset(&w, 0, sizeof w);
    w.shards = shards;
    return hot_new(shards, replicas_max, staleness_ns, splits,
                   (struct hot_env){fetch_one, store_one, now_ns, draw, NULL});
}

void script_time(uint64_t ns);
void script_time(uint64_t ns) {
    w.now_ns = ns;
}

void script_draw(uint64_t next);
void script_draw(uint64_t next) {
    w.draws = next;
}

void script_fail_fetch(uint64_t split, uint64_t times);
void script_fail_fetch(uint64_t split, uint64_t times) {
    w.failing_fetch[split].times = times;
}

/* `done`: the store is done, and its answer is lost. */
void script_fail_store(uint64_t split, uint64_t times, uint64_t done);
void script_fail_store(uint64_t split, uint64_t times, uint64_t done) {
    w.failing_store[split].times = times, w.failing_store[split].done = done;
}

/* Somebody else writes a key: all of its first `splits` copies. */
void script_write(uint64_t key, uint64_t value, uint64_t version, uint64_t splits);
void script_write(uint64_t key, uint64_t value, uint64_t version, uint64_t splits) {
    for (uint32_t split = 0; split < splits; split++) keep(key, split, value, version);
}

static void begin(bool puts) {
    w.told[0] = 0, w.puts = puts, w.home_stored = false;
    w.fetched[0] = w.fetched[1] = w.stored = 0;
    memset(w.store_tells, 0, sizeof w.store_tells);
}

/* "fetches k1/0, answers 7"; the text lives until the next call. */
const char *script_get(struct hot_cache *cache, uint64_t key);
const char *script_get(struct hot_cache *cache, uint64_t key) {
    uint64_t value = UNTOUCHED;
    begin(false);
    if (hot_get(cache, key_of(key), &value))
        tell("answers %llu", (unsigned long long)value);
    else
        tell(value == UNTOUCHED ? "answers false" : "answers false and changes *value");
    return w.told;
}

/* So many gets, one after another: "64 of 65 answer 7; fetches of home 64, of others 0; stores 1". */
const char *script_reads(struct hot_cache *cache, uint64_t key, uint64_t count);
const char *script_reads(struct hot_cache *cache, uint64_t key, uint64_t count) {
    uint64_t last = UNTOUCHED, alike = 0;
    begin(false);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t value = UNTOUCHED;
        if (!hot_get(cache, key_of(key), &value)) continue;
        alike = value == last ? alike + 1 : 1;
        last = value;
    }
    w.told[0] = 0;
    tell("the last %llu of them answer %llu; fetches of home %llu, of others %llu; stores %llu",
         (unsigned long long)alike, alike ? (unsigned long long)last : 0, (unsigned long long)w.fetched[0],
         (unsigned long long)w.fetched[1], (unsigned long long)w.stored);
    return w.told;
}

const char *script_put(struct hot_cache *cache, uint64_t key, uint64_t value);
const char *script_put(struct hot_cache *cache, uint64_t key, uint64_t value) {
    begin(true);
    bool ok = hot_put(cache, key_of(key), value);
    for (uint32_t split = 1; split < SPLITS; split++)
        if (w.store_tells[split] == 1)
            tell("and in k%d/%u", (int)key, split);
        else if (w.store_tells[split])
            tell("and in k%d/%u %llu times", (int)key, split, (unsigned long long)w.store_tells[split]);
    tell(ok ? "answers true" : "answers false");
    return w.told;
}

const char *script_stats(struct hot_cache *cache);
const char *script_stats(struct hot_cache *cache) {
    static char text[200];
    struct hot_stats s = hot_stats(cache);
    snprintf(text, sizeof text, "reads %llu, hits %llu, shared %llu, fetches %llu, stores %llu, hot %zu",
             (unsigned long long)s.reads, (unsigned long long)s.hits, (unsigned long long)s.shared,
             (unsigned long long)s.fetches, (unsigned long long)s.stores, s.hot);
    return text;
}

static bool fetch_world(void *world, size_t shard, uint64_t key, uint32_t split, uint64_t *value, uint64_t *version) {
    (void)shard, (void)key, (void)split;
    *value = *(uint64_t *)world, *version = 1;
    return true;
}

static bool store_world(void *world, size_t shard, uint64_t key, uint32_t split, uint64_t value, uint64_t version) {
    (void)shard, (void)key, (void)split, (void)version;
    *(uint64_t *)world = value;
    return true;
}

/* Two caches; a key is hot in the first. What do both answer, and know? */
const char *script_two_caches(void);
const char *script_two_caches(void) {
    static char text[160];
    uint64_t worlds[2] = {1, 2}, got[2] = {0, 0};
    struct hot_cache *caches[2];
    begin(false);
    for (int i = 0; i < 2; i++)
        caches[i] = hot_new(2, 2, UINT64_MAX, 1, (struct hot_env){fetch_world, store_world, now_ns, draw, &worlds[i]});
    if (!caches[0] || !caches[1]) return "a cache that cannot be used";
    for (int i = 0; i < 100; i++) (void)hot_get(caches[0], 7, &got[0]);
    (void)hot_get(caches[1], 7, &got[1]);
    size_t hot[2] = {hot_stats(caches[0]).hot, hot_stats(caches[1]).hot};
    for (int i = 0; i < 2; i++) hot_free(caches[i]);
    snprintf(text, sizeof text, "answer %d and %d, hot %zu and %zu", (int)got[0], (int)got[1], hot[0], hot[1]);
    return text;
}

/* All of its keys hot at once, all but one that has to stay cold. "hot 3" of so many shards, unless there is no memory.
 */
const char *script_most_hot(uint64_t shards, uint64_t replicas_max);
const char *script_most_hot(uint64_t shards, uint64_t replicas_max) {
    static char text[80];
    uint64_t world = 5, value;
    struct hot_cache *cache = hot_new(shards, replicas_max, UINT64_MAX, (uint32_t)shards,
                                      (struct hot_env){fetch_world, store_world, now_ns, draw, &world});
    if (!cache) return "NULL";
    for (uint64_t window = 0; window < 2; window++)
        for (uint64_t i = 0; i < HOT_READS_PER_SHARD * shards; i++)
            (void)hot_get(cache, window * shards + i % (shards - 1), &value);
    snprintf(text, sizeof text, "hot %zu", hot_stats(cache).hot);
    hot_free(cache);
    return text;
}
