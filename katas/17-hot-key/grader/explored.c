/* SPDX-License-Identifier: MIT */
/* explored.c -- two shards under the schedule explorer, and the list of scenarios. */
#include "explored.h"

#include <sched.h>
#include <stdatomic.h>
#include <time.h>

struct hot_cache *cache;
struct world world;

const struct explore_scenario explore_scenarios[] = {
    {"traffic", run_traffic}, {"small", run_small}, {"flights", run_flights}, {"own", run_own}, {"older", run_older},
    {"racing", run_racing},   {"apart", run_apart}, {"cooling", run_cooling}, {NULL, NULL},
};

enum { SPLITS = 2, VALUES = 40, THREADS = 6 };
#define UNTOUCHED UINT64_C(0x5ca1ab1e5ca1ab1e)
#define NEVER UINT64_MAX

/* What the driver knows. Quiet functions only. A value is a number below VALUES, put or written once. */
static struct {
    uint64_t now_ns, staleness_ns;
    uint32_t splits;
    struct {
        int value; /* 0: not there */
        int fetching, filling, fetches, stores;
    } copy[KEYS][SPLITS];
    struct {
        int key;
        uint64_t version, replaced_ns, took_ns; /* replaced_ns: NEVER. took_ns: the longest call that brought it */
        uint64_t stored_ns;                     /* of a put: when home had it; NEVER before. Of others' writes: 0 */
    } value[VALUES];
    int values, threads, home_failures[KEYS], done[KEYS]; /* done: the highest version that is there for everybody */
    uint64_t gets, gets_without, fetches, stores;         /* gets_without: a fetch of their own */
    struct {
        int newest[KEYS];        /* value that it has read or put */
        int putting;             /* 0: it gets */
        int home_stores, stored; /* of its put: of home; home's answer */
        int called;              /* of gets: home failures of the key before the call */
        uint64_t called_ns;
        int brought;       /* value that a fetch or store of this call has brought, and */
        uint64_t since_ns; /* when that was called: it is over when hot_get or hot_put has returned */
        int failed;        /* 1 + key, of which a fetch of the home copy has failed in this call */
        bool fetched;      /* in the get that it is in */
    } thread[THREADS];
} seen;

static _Thread_local int me;

void let_others_run(void) {
    static atomic_int nothing;
    if (world.slow) nanosleep(&(struct timespec){0, 1000000}, NULL);
    (void)atomic_load_explicit(&nothing, memory_order_relaxed);
}

EXPLORE_QUIET static void note_brought(int thread, int value, uint64_t since_ns) {
    if (!value || seen.thread[thread].brought == value) return;
    seen.thread[thread].brought = value, seen.thread[thread].since_ns = since_ns;
}

/* A fetch that runs is told of what is put meanwhile, and brings that where it has read something older. */
EXPLORE_QUIET static bool brings(int thread, int value) {
    int brought = seen.thread[thread].brought;
    if (!brought || brought == value) return brought == value;
    return seen.value[value].key == seen.value[brought].key &&
           seen.value[value].version > seen.value[brought].version &&
           seen.value[value].stored_ns >= seen.thread[thread].since_ns;
}

/* A call has returned, and whoever shares what it has fetched has called before. */
EXPLORE_QUIET static void note_over(int thread) {
    int failed = seen.thread[thread].failed;
    uint64_t took_ns = seen.now_ns - seen.thread[thread].since_ns;
    for (int value = 1; value <= seen.values; value++)
        if (brings(thread, value) && took_ns > seen.value[value].took_ns) seen.value[value].took_ns = took_ns;
    if (failed) seen.home_failures[failed - 1]++;
    seen.thread[thread].brought = seen.thread[thread].failed = 0;
}

EXPLORE_QUIET void pass_time(uint64_t ns) {
    seen.now_ns += ns;
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
    if (!puts && split > 0) seen.copy[key][split].filling--;
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

EXPLORE_QUIET static void note_opening(uint64_t staleness_ns, uint32_t splits) {
    seen.staleness_ns = staleness_ns, seen.splits = splits;
    seen.now_ns = 1000;
    seen.threads = 1;
}

void open_cache(size_t replicas_max, uint64_t staleness_ns, uint32_t splits) {
    explore_name_thread("main");
    note_opening(staleness_ns, splits);
    cache = hot_new(SHARDS, replicas_max, staleness_ns, splits,
                    (struct hot_env){env_fetch, env_store, env_now, env_random, NULL});
    if (!cache) explore_fail("hot_new answers NULL although there is memory");
}

EXPLORE_QUIET static void check_stats(const struct hot_stats *s) {
    if (s->reads != seen.gets || s->fetches != seen.fetches || s->stores != seen.stores)
        explore_fail(
            "hot_stats answers reads %llu, fetches %llu, stores %llu when no call is in progress; there were %llu, "
            "%llu and %llu",
            (unsigned long long)s->reads, (unsigned long long)s->fetches, (unsigned long long)s->stores,
            (unsigned long long)seen.gets, (unsigned long long)seen.fetches, (unsigned long long)seen.stores);
    if (s->hits + s->shared != seen.gets_without || (seen.staleness_ns == 0 && s->hits))
        explore_fail("hot_stats answers hits %llu and shared %llu; there were %llu gets that did not call fetch",
                     (unsigned long long)s->hits, (unsigned long long)s->shared, (unsigned long long)seen.gets_without);
}

void close_cache(void) {
    struct hot_stats stats = hot_stats(cache);
    check_stats(&stats);
    hot_free(cache);
    cache = NULL; /* what is left behind is a leak */
}

EXPLORE_QUIET static int new_value(int key, uint64_t version) {
    int value = ++seen.values;
    if (value >= VALUES) explore_fail("harness: too many values");
    seen.value[value].key = key, seen.value[value].version = version, seen.value[value].replaced_ns = NEVER;
    seen.value[value].stored_ns = version ? 0 : NEVER;
    return value;
}

/* `value` is there now, for everybody. */
EXPLORE_QUIET static void note_done(int key, int value) {
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

/* The longest call that has brought it; one that has not returned yet counts too. */
EXPLORE_QUIET static uint64_t took_ns(int value) {
    uint64_t most_ns = seen.value[value].took_ns;
    for (int i = 0; i < seen.threads; i++)
        if (brings(i, value) && seen.now_ns - seen.thread[i].since_ns > most_ns)
            most_ns = seen.now_ns - seen.thread[i].since_ns;
    return most_ns;
}

EXPLORE_QUIET static void begin_get(int thread, int key) {
    seen.thread[thread].called = seen.home_failures[key];
    seen.thread[thread].called_ns = seen.now_ns;
}

EXPLORE_QUIET static void check_got(int thread, int key, uint64_t got) {
    int value = got < VALUES ? (int)got : 0, newest = seen.thread[thread].newest[key];
    if (value <= 0 || value > seen.values || seen.value[value].key != key)
        explore_fail("get(%d) answers a value that was never put under this key", key);
    if (seen.value[value].version < seen.value[newest].version)
        explore_fail("get(%d) answers version %llu, and this thread has read or put version %llu", key,
                     (unsigned long long)seen.value[value].version, (unsigned long long)seen.value[newest].version);
    seen.thread[thread].newest[key] = value;
    uint64_t replaced_ns = seen.value[value].replaced_ns, called_ns = seen.thread[thread].called_ns;
    if (replaced_ns == NEVER || called_ns < replaced_ns || seen.staleness_ns == FOREVER) return;
    uint64_t ago_ns = called_ns - replaced_ns;
    if (ago_ns > seen.staleness_ns && ago_ns - seen.staleness_ns > took_ns(value))
        explore_fail(
            "get(%d) answers a value that was replaced %llu ns before the call; staleness_ns is %llu, and what "
            "brought it took %llu",
            key, (unsigned long long)ago_ns, (unsigned long long)seen.staleness_ns, (unsigned long long)took_ns(value));
}

EXPLORE_QUIET static void check_false(int thread, int key) {
    if (seen.home_failures[key] == seen.thread[thread].called)
        explore_fail("get(%d) answers false, and no fetch of the home copy has failed meanwhile", key);
}

EXPLORE_QUIET static int swap_putting(int thread, int value) {
    int before = seen.thread[thread].putting;
    seen.thread[thread].putting = value;
    return before;
}

EXPLORE_QUIET static bool swap_fetched(int thread, bool fetched) {
    bool before = seen.thread[thread].fetched;
    seen.thread[thread].fetched = fetched;
    return before;
}

EXPLORE_QUIET static void count_get(bool fetched) {
    seen.gets++;
    if (!fetched) seen.gets_without++;
}

bool get(int key) {
    uint64_t value = UNTOUCHED;
    begin_get(me, key);
    int putting = swap_putting(me, 0); /* a fetch or store may get */
    bool fetched = swap_fetched(me, false);
    bool ok = hot_get(cache, (uint64_t)key, &value);
    swap_putting(me, putting);
    count_get(swap_fetched(me, fetched));
    note_over(me);
    if (ok)
        check_got(me, key, value);
    else if (value != UNTOUCHED)
        explore_fail("get(%d) answers false and changes *value", key);
    else
        check_false(me, key);
    return ok;
}

EXPLORE_QUIET static void begin_put(int thread) {
    seen.thread[thread].home_stores = seen.thread[thread].stored = 0;
}

EXPLORE_QUIET static void check_put(int thread, int key, int value, bool ok) {
    if (seen.thread[thread].home_stores != 1) explore_fail("put(%d) does not store the home copy", key);
    if (ok != (bool)seen.thread[thread].stored)
        explore_fail("put(%d) answers %s, and the store of the home copy answered %s", key, ok ? "true" : "false",
                     ok ? "false" : "true");
    if (!ok) return;
    int *newest = &seen.thread[thread].newest[key];
    if (seen.value[*newest].version < seen.value[value].version) *newest = value;
    note_done(key, value);
}

bool put(int key) {
    int value = new_value(key, 0);
    begin_put(me);
    int outer = swap_putting(me, value);
    bool ok = hot_put(cache, (uint64_t)key, (uint64_t)value);
    swap_putting(me, outer);
    note_over(me);
    check_put(me, key, value, ok);
    return ok;
}

void get_ok(int key) {
    if (!get(key)) explore_fail("get(%d) answers false, and no shard failed", key);
}

void put_ok(int key) {
    if (!put(key)) explore_fail("put(%d) answers false, and no shard failed", key);
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

void get_often(int key, int times) {
    for (int i = 0; i < times; i++) (void)get(key);
}

void check_hot(const char *when, size_t keys) {
    size_t hot = hot_stats(cache).hot;
    if (hot != keys) explore_fail("%s, and hot_stats says that %zu are hot, not %zu", when, hot, keys);
}

void make_hot(int key) {
    get_often(key, ENOUGH);
    check_hot("a key has had 65 reads of a window of 128", 1);
}

EXPLORE_QUIET static int next_thread(void) {
    return seen.threads++;
}

struct beginning {
    void *(*run)(void *);
    void *argument;
    int number;
};

static void *begin(void *argument) {
    struct beginning *b = argument;
    me = b->number;
    return b->run(b->argument);
}

pthread_t start(void *(*run)(void *), void *argument) {
    static struct beginning beginnings[THREADS];
    pthread_t thread;
    int number = next_thread();
    beginnings[number] = (struct beginning){run, argument, number};
    pthread_create(&thread, NULL, begin, &beginnings[number]);
    return thread;
}
