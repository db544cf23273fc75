/* SPDX-License-Identifier: MIT */
/* explored_shards.c -- two shards in virtual time, and who else writes to them. */
#include <stdatomic.h>
#include <time.h>

#include "explored_seen.h"

struct world world;
struct seen seen;

void let_others_run(void) {
    static atomic_int nothing;
    if (world.slow) nanosleep(&(struct timespec){0, 1000000}, NULL);
    (void)atomic_load_explicit(&nothing, memory_order_relaxed);
}

EXPLORE_QUIET static void note_brought(int thread, int value, uint64_t since_ns) {
    if (!value || seen.thread[thread].brought == value) return;
    seen.thread[thread].brought = value, seen.thread[thread].since_ns = since_ns;
}

EXPLORE_QUIET void pass_time(uint64_t ns) {
    seen.now_ns += ns;
}

EXPLORE_QUIET void begin_life(int key) {
    for (int split = 1; split < SPLITS; split++) seen.copy[key][split].life++, seen.copy[key][split].filling = 0;
}

EXPLORE_QUIET int fetches_so_far(int key, int split) {
    return seen.copy[key][split].fetches;
}

EXPLORE_QUIET int stores_so_far(int key, int split) {
    return seen.copy[key][split].stores;
}

static void check_copy(size_t shard, uint64_t key, uint32_t split, const char *call) {
    if (key >= KEYS) explore_fail("%s is called for a key that nobody has asked for", call);
    if (split >= seen.splits)
        explore_fail("%s is called for split %u of key %d; splits is %u", call, split, (int)key, seen.splits);
    if (shard != hot_shard(key, split, SHARDS))
        explore_fail("%s is called for split %u of key %d on shard %zu, and it lies on %zu", call, split, (int)key,
                     shard, hot_shard(key, split, SHARDS));
}

EXPLORE_QUIET static uint64_t begin_fetch(int thread, int key, int split) {
    seen.thread[thread].fetched = true;
    seen.fetches++;
    if (seen.copy[key][split].fetching++)
        explore_fail("key %d, split %d: a fetch is called while another one of this copy runs", key, split);
    seen.copy[key][split].fetches++;
    return seen.now_ns;
}

EXPLORE_QUIET static int read_copy(int key, int split) {
    return seen.copy[key][split].value;
}

EXPLORE_QUIET static void end_fetch(int thread, int key, int split, int value, uint64_t since_ns) {
    seen.now_ns += world.takes_ns[FETCH];
    seen.copy[key][split].fetching--;
    if (!value && split == 0) seen.home_failures[key]++, seen.thread[thread].failed = 1 + key;
    note_brought(thread, value, since_ns);
}

EXPLORE_QUIET static uint64_t version_of(int value) {
    return seen.value[value].version;
}

static bool env_fetch(void *unused, size_t shard, uint64_t key, uint32_t split, uint64_t *value, uint64_t *version) {
    (void)unused;
    check_copy(shard, key, split, "fetch");
    uint64_t since_ns = begin_fetch(me, (int)key, (int)split);
    let_others_run();
    if (world.during && world.early) world.during(FETCH, (int)key, (int)split);
    int got = read_copy((int)key, (int)split);
    if (world.during && !world.early) world.during(FETCH, (int)key, (int)split);
    let_others_run();
    if (world.fetches_fail || (world.copies_fail && split > 0) || (world.may_fail[FETCH] && explore_choose(3) == 2))
        got = 0;
    end_fetch(me, (int)key, (int)split, got, since_ns);
    *value = got ? (uint64_t)got : UNTOUCHED + 1;
    *version = got ? version_of(got) : FOREVER / 4;
    return got;
}

EXPLORE_QUIET static uint64_t begin_store(int thread, int key, int split, int value, uint64_t version) {
    int mine = seen.thread[thread].putting;
    if (value <= 0 || value > seen.values || seen.value[value].key != key)
        explore_fail("key %d: a value is stored that was never put under it", key);
    if (mine && value != mine && split == 0) explore_fail("put(%d) stores the home copy with another value", key);
    if (mine == value && split == 0 && seen.thread[thread].home_stores++)
        explore_fail("put(%d) stores the home copy a second time", key);
    for (int other = 1; mine == value && split == 0 && other <= seen.values; other++)
        if (seen.value[other].version == version)
            explore_fail("put(%d) stores version %llu, which another put has had", key, (unsigned long long)version);
    if (mine == value && split == 0) seen.value[value].version = version;
    if (version != seen.value[value].version || version == 0)
        explore_fail("key %d, split %d: a value is stored as version %llu, and it was put as %llu", key, split,
                     (unsigned long long)version, (unsigned long long)seen.value[value].version);
    if (split > 0 && seen.value[seen.copy[key][0].value].version < version)
        explore_fail("key %d, split %d: stored with a higher version than the home copy has", key, split);
    if (!mine && split > 0 && seen.copy[key][split].filling++ && !world.cools)
        explore_fail("key %d, split %d: two gets store this copy at a time", key, split);
    if (!mine && split == 0) explore_fail("get stores the home copy of key %d", key);
    seen.thread[thread].fills_in = seen.copy[key][split].life;
    seen.copy[key][split].stores++;
    seen.stores++;
    return seen.now_ns;
}

EXPLORE_QUIET static void keep(int key, int split, int value) {
    if (seen.value[seen.copy[key][split].value].version < seen.value[value].version)
        seen.copy[key][split].value = value;
}

EXPLORE_QUIET static void end_store(int thread, int key, int split, int value, uint64_t since_ns, bool ok) {
    seen.now_ns += world.takes_ns[STORE];
    bool puts = seen.thread[thread].putting;
    if (!puts && split > 0 && seen.thread[thread].fills_in == seen.copy[key][split].life)
        seen.copy[key][split].filling--;
    if (puts && split == 0) seen.thread[thread].stored = ok, seen.value[value].stored_ns = seen.now_ns;
    note_brought(thread, value, since_ns);
}

static bool env_store(void *unused, size_t shard, uint64_t key, uint32_t split, uint64_t value, uint64_t version) {
    (void)unused;
    check_copy(shard, key, split, "store");
    uint64_t since_ns = begin_store(me, (int)key, (int)split, value < VALUES ? (int)value : 0, version);
    let_others_run();
    if (world.during) world.during(STORE, (int)key, (int)split);
    unsigned fails = world.may_fail[STORE] ? explore_choose(4) : 0;
    if (fails < 3) keep((int)key, (int)split, (int)value); /* 2: the answer is lost */
    let_others_run();
    end_store(me, (int)key, (int)split, (int)value, since_ns, fails < 2);
    return fails < 2;
}

EXPLORE_QUIET static uint64_t look(void) {
    return seen.now_ns;
}

static uint64_t env_now(void *unused) {
    (void)unused;
    return look();
}

EXPLORE_QUIET static uint64_t drawn(void) {
    return world.draw;
}

static uint64_t env_random(void *unused) {
    (void)unused;
    return drawn();
}

const struct hot_env shards = {env_fetch, env_store, env_now, env_random, NULL};

EXPLORE_QUIET int new_value(int key, uint64_t version) {
    int value = ++seen.values;
    if (value >= VALUES) explore_fail("harness: too many values");
    seen.value[value].key = key, seen.value[value].version = version, seen.value[value].replaced_ns = NEVER;
    seen.value[value].stored_ns = version ? 0 : NEVER;
    return value;
}

EXPLORE_QUIET void note_done(int key, int value) {
    for (int old = 1; old <= seen.values; old++) {
        bool older = seen.value[old].key == key && seen.value[old].version < seen.value[value].version;
        if (older && seen.value[old].version && seen.value[old].replaced_ns == NEVER)
            seen.value[old].replaced_ns = seen.now_ns; /* without a version: it has not been stored yet */
    }
    int *done = &seen.done[key];
    if (seen.value[*done].version > seen.value[value].version && seen.value[value].replaced_ns == NEVER)
        seen.value[value].replaced_ns = seen.now_ns;
    if (seen.value[*done].version < seen.value[value].version) *done = value;
}

EXPLORE_QUIET void write_home(int key) {
    int value = new_value(key, (seen.now_ns + 500) * 1000); /* far above what is put */
    keep(key, 0, value);
    if (seen.splits == 1) note_done(key, value);
}

EXPLORE_QUIET void write_rest(int key) {
    if (seen.splits == 1) return;
    keep(key, 1, seen.copy[key][0].value);
    note_done(key, seen.copy[key][0].value);
}
