/* SPDX-License-Identifier: MIT */
/* explore.c -- kata 04 under the schedule explorer.
 *
 * Scenarios, for lru and lfu each:
 *   ..._history   two threads use a cache of one or two entries; then the main
 *                 thread looks at what is left, and in which order it leaves.
 *                 Some order of all calls must explain every answer.
 *   ..._small     the same with two threads of a single call, for exhaustive
 *                 search
 *   ..._no_memory malloc fails in new
 *
 * In a history `put` answers key * 100 + value of the entry that left, or -1;
 * `get` answers the value, or -1. Values are the numbers of the calls. */
#include "explore.h"

#include <pthread.h>
#include <string.h>

#include "driver.h"

enum { NOTHING = -1, KEYS = 3, MOST = 2, FRESH_KEY = 8 };

static const struct kind *kind;
static uint64_t which;
static void *cache;
static long capacity, calls_each, keys = KEYS;
static bool once;          /* every kind of call is as good as another: for exhaustive search */
static long next_value[3]; /* of each thread, so that values differ */

/* What the contract says, for a cache of at most MOST entries: in order of last
 * use, oldest first. All members are long: no padding. */
struct model {
    long by_count, capacity, size;
    struct {
        long key, value, uses;
    } held[MOST];
};

static long find(const struct model *m, long key) {
    for (long i = 0; i < m->size; i++)
        if (m->held[i].key == key) return i;
    return NOTHING;
}

static void drop(struct model *m, long at) {
    m->size--;
    for (; at < m->size; at++) m->held[at] = m->held[at + 1];
    memset(&m->held[m->size], 0, sizeof m->held[0]);
}

/* As the newest. */
static void insert(struct model *m, long key, long value, long uses) {
    m->held[m->size].key = key;
    m->held[m->size].value = value;
    m->held[m->size].uses = uses;
    m->size++;
}

static long model_get(struct model *m, long key) {
    long at = find(m, key);
    if (at == NOTHING) return NOTHING;
    long value = m->held[at].value, uses = m->held[at].uses;
    drop(m, at);
    insert(m, key, value, uses + 1);
    return value;
}

static long model_put(struct model *m, long key, long value) {
    long at = find(m, key), left = NOTHING, uses = 0;
    if (at != NOTHING) {
        uses = m->held[at].uses;
        drop(m, at);
    } else if (m->size == m->capacity) {
        long victim = 0;
        for (long i = 1; m->by_count && i < m->size; i++)
            if (m->held[i].uses < m->held[victim].uses) victim = i;
        left = m->held[victim].key * 100 + m->held[victim].value;
        drop(m, victim);
    }
    insert(m, key, value, uses + 1);
    return left;
}

static long model_remove(struct model *m, long key) {
    long at = find(m, key);
    if (at != NOTHING) drop(m, at);
    return at != NOTHING;
}

static bool step(void *state, const struct explore_operation *op) {
    struct model *m = state;
    long key = op->argument[0];
    switch (op->name[0]) {
    case 'g':
        return model_get(m, key) == op->result;
    case 'p':
        return model_put(m, key, op->argument[1]) == op->result;
    case 'r':
        return model_remove(m, key) == op->result;
    default:
        return m->size == op->result;
    }
}

static void get(long key) {
    uint64_t value = 0;
    int call = explore_call("get", key, 0);
    bool found = kind->get(cache, (uint64_t)key, &value);
    explore_return(call, found ? (long)value : NOTHING);
    if (found)
        explore_say(call, "get(%ld): value %ld", key, (long)value);
    else
        explore_say(call, "get(%ld): not there", key);
}

static void put(long key, long value) {
    struct cache_entry left = {0, 0};
    int call = explore_call("put", key, value);
    bool full = kind->put(cache, (uint64_t)key, (uint64_t)value, &left);
    explore_return(call, full ? (long)left.key * 100 + (long)left.value : NOTHING);
    if (full)
        explore_say(call, "put(%ld, %ld): key %ld with value %ld leaves", key, value, (long)left.key, (long)left.value);
    else
        explore_say(call, "put(%ld, %ld): nothing leaves", key, value);
}

static void discard(long key) {
    int call = explore_call("remove", key, 0);
    bool removed = kind->remove(cache, (uint64_t)key);
    explore_return(call, removed);
    explore_say(call, "remove(%ld): %s", key, removed ? "removed" : "not there");
}

static void ask_size(void) {
    int call = explore_call("size", 0, 0);
    long size = (long)kind->size(cache);
    explore_return(call, size);
    explore_say(call, "size(): %ld", size);
}

static void one_call(long thread) {
    static const char often[] = "ggpppprs";
    long key = 1 + (long)explore_choose((unsigned)keys), value = next_value[thread]++;
    switch (once ? "gprs"[explore_choose(4)] : often[explore_choose(sizeof often - 1)]) {
    case 'g':
        get(key);
        break;
    case 'p':
        put(key, value);
        break;
    case 'r':
        discard(key);
        break;
    default:
        ask_size();
    }
}

static void *take_part(void *argument) {
    long thread = (long)argument;
    explore_name_thread(thread == 1 ? "first" : "second");
    for (long i = 0; i < calls_each; i++) one_call(thread);
    return NULL;
}

static void open_cache(uint64_t number) {
    which = number;
    kind = &kinds[which];
    cache = kind->new((size_t)capacity);
    if (!cache) explore_fail("new(%ld) answers NULL although there is memory", capacity);
    for (long thread = 0; thread < 3; thread++) next_value[thread] = 10 + 10 * thread;
}

static void run_threads(void) {
    pthread_t threads[2];
    for (long i = 0; i < 2; i++) pthread_create(&threads[i], NULL, take_part, (void *)(i + 1));
    for (long i = 0; i < 2; i++) pthread_join(threads[i], NULL);
}

static void check_history(void) {
    struct model empty = {.by_count = which == LFU, .capacity = capacity};
    explore_check_linearizable(which == LFU ? "LFU cache" : "LRU cache", &empty, sizeof empty, step);
    kind->free(cache);
    cache = NULL;
}

/* Which entries are there, and which leaves first? */
static void look_inside(void) {
    ask_size();
    put(FRESH_KEY, 90);
    for (long key = 1; key <= KEYS; key++) get(key);
    put(FRESH_KEY + 1, 91);
}

static void history(uint64_t number) {
    capacity = MOST - (long)explore_choose(2);
    calls_each = 2 + (long)explore_choose(2);
    open_cache(number);
    for (long calls = (long)explore_choose(4); calls > 0; calls--) one_call(0);
    run_threads();
    look_inside();
    check_history();
}

static void small(uint64_t number) {
    capacity = calls_each = 1;
    keys = 2;
    once = true;
    open_cache(number);
    put(1, 10);
    run_threads();
    ask_size();
    put(FRESH_KEY, 90);
    check_history();
}

static void without_memory(uint64_t number) {
    capacity = MOST;
    kind = &kinds[number];
    explore_fail_malloc(1);
    cache = kind->new((size_t)capacity);
    if (cache && kind->put(cache, 1, 2, NULL)) explore_fail("the first put answers that an entry left");
    kind->free(cache); /* NULL does nothing */
    cache = NULL;
}

static void lru_history(void) {
    history(LRU);
}
static void lfu_history(void) {
    history(LFU);
}
static void lru_small(void) {
    small(LRU);
}
static void lfu_small(void) {
    small(LFU);
}
static void lru_no_memory(void) {
    without_memory(LRU);
}
static void lfu_no_memory(void) {
    without_memory(LFU);
}

const struct explore_scenario explore_scenarios[] = {
    {"lru_history", lru_history},
    {"lfu_history", lfu_history},
    {"lru_small", lru_small},
    {"lfu_small", lfu_small},
    {"lru_no_memory", lru_no_memory},
    {"lfu_no_memory", lfu_no_memory},
    {NULL, NULL},
};
