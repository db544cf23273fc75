/* SPDX-License-Identifier: MIT */
/* explored.c -- calls under the schedule explorer, with all that can be said of their answers; and the list of
 * scenarios. */
#include "explored_seen.h"

struct hot_cache *cache;
_Thread_local int me;

const struct explore_scenario explore_scenarios[] = {
    {"traffic", run_traffic}, {"small", run_small}, {"flights", run_flights}, {"own", run_own}, {"older", run_older},
    {"racing", run_racing},   {"apart", run_apart}, {"cooling", run_cooling}, {NULL, NULL},
};

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

EXPLORE_QUIET static void note_opening(uint64_t staleness_ns, uint32_t splits) {
    seen.staleness_ns = staleness_ns, seen.splits = splits;
    seen.now_ns = 1000;
    seen.threads = 1;
}

void open_cache(size_t replicas_max, uint64_t staleness_ns, uint32_t splits) {
    explore_name_thread("main");
    note_opening(staleness_ns, splits);
    cache = hot_new(SHARDS, replicas_max, staleness_ns, splits, shards);
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
