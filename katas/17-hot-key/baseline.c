/* SPDX-License-Identifier: MIT */
/* baseline.c -- simple, right, and slow: arrays that are searched from end to end, and one
 * condition variable for everybody.
 *
 * Nobody shares a fetch that had begun before the call: whoever comes meanwhile
 * waits, and all who have waited share the next one. So what is fetched is never older
 * than what its thread knows, as long as the copy is not; and the first
 * replica is made by a fetch that began when all that is known was known. */
#include "hot_key.h"

#include <pthread.h>
#include <stdlib.h>

struct counter {
    uint64_t key, count;
};

struct entry {
    uint64_t key, value, version, since_ns, life; /* life 0: free. version 0: no replica yet */
    uint64_t from;                                /* a fetch up to this one may bring less than is known */
    struct copy {
        uint64_t version;
        bool filling;
    } *copies;
};

struct answer {
    uint64_t value, version;
    bool ok;
};

/* A get that needs a copy, on its stack. */
struct asker {
    struct asker *next, *aboard; /* the one that fetches for it; NULL: it waits */
    uint64_t key, life;          /* of a copy other than home: in which it was filled */
    uint32_t split;
    struct answer answer;
    bool done;
};

struct hot_cache {
    size_t shards, entry_count, counters_used, window_reads;
    uint64_t staleness_ns, newest, lives;
    uint32_t splits;
    struct hot_env env;
    pthread_mutex_t lock; /* given up in fetch and store */
    pthread_cond_t changed;
    struct hot_stats stats;
    struct asker *askers;
    struct entry *entries;
    struct copy *copies;
    struct counter counters[HOT_COUNTERS];
};

struct hot_cache *hot_new(size_t shards, size_t replicas_max, uint64_t staleness_ns, uint32_t splits,
                          struct hot_env env) {
    if (shards == 0 || shards > HOT_SHARDS_MAX || splits == 0 || splits > shards) return NULL;
    size_t most = replicas_max < 2 * shards ? replicas_max : 2 * shards;
    struct hot_cache *c = calloc(1, sizeof *c);
    struct entry *entries = calloc(most + 1, sizeof *entries);
    struct copy *copies = calloc((most + 1) * splits, sizeof *copies);
    if (!c || !entries || !copies) {
        free(c), free(entries), free(copies);
        return NULL;
    }
    c->shards = shards, c->staleness_ns = staleness_ns, c->splits = splits, c->env = env;
    c->entries = entries, c->copies = copies, c->entry_count = most;
    for (size_t i = 0; i < most; i++) entries[i].copies = &copies[i * splits];
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->changed, NULL);
    return c;
}

static struct entry *find_entry(const struct hot_cache *c, uint64_t key) {
    for (size_t i = 0; i < c->entry_count; i++)
        if (c->entries[i].life && c->entries[i].key == key) return &c->entries[i];
    return NULL;
}

static struct entry *find_again(const struct hot_cache *c, uint64_t key, uint64_t life) {
    struct entry *e = find_entry(c, key);
    return e && e->life == life ? e : NULL;
}

static struct counter *find_counter(struct hot_cache *c, uint64_t key) {
    for (size_t i = 0; i < c->counters_used; i++)
        if (c->counters[i].key == key) return &c->counters[i];
    return NULL;
}

static struct counter *take_counter(struct hot_cache *c, uint64_t key) {
    struct counter *least = c->counters;
    if (c->counters_used < HOT_COUNTERS) {
        least = &c->counters[c->counters_used++];
        least->count = 0;
    } else {
        for (size_t i = 0; i < HOT_COUNTERS; i++)
            if (c->counters[i].count < least->count) least = &c->counters[i];
    }
    least->key = key;
    return least;
}

static void begin_window(struct hot_cache *c) {
    for (size_t i = 0; i < c->entry_count; i++) {
        struct entry *e = &c->entries[i];
        const struct counter *n = e->life ? find_counter(c, e->key) : NULL;
        if (!e->life || (n && n->count > HOT_READS_PER_SHARD)) continue;
        e->life = 0;
        c->stats.hot--;
    }
    c->counters_used = c->window_reads = 0;
}

static struct entry *make_hot(struct hot_cache *c, uint64_t key) {
    for (size_t i = 0; i < c->entry_count; i++) {
        struct entry *e = &c->entries[i];
        if (e->life) continue;
        for (uint32_t split = 0; split < c->splits; split++) e->copies[split] = (struct copy){0, false};
        *e = (struct entry){.key = key, .life = ++c->lives, .from = c->stats.fetches, .copies = e->copies};
        c->stats.hot++;
        return e;
    }
    return NULL;
}

static struct entry *count_read(struct hot_cache *c, uint64_t key) {
    c->stats.reads++;
    if (c->window_reads == c->shards * HOT_READS_PER_SHARD) begin_window(c);
    c->window_reads++;
    struct counter *n = find_counter(c, key);
    if (!n) n = take_counter(c, key);
    n->count++;
    struct entry *e = find_entry(c, key);
    return e || n->count <= HOT_READS_PER_SHARD ? e : make_hot(c, key);
}

/* Somebody has read or put this. `proven`: and nobody knew of anything newer. */
static void learn(struct hot_cache *c, struct entry *e, struct answer new, bool proven) {
    if (!proven && !e->version) e->from = c->stats.fetches;
    if ((!proven && !e->version) || e->version > new.version) return;
    e->value = new.value, e->version = new.version;
    e->since_ns = c->env.now_ns(c->env.world);
}

static bool is_being_fetched(const struct hot_cache *c, const struct asker *like) {
    for (const struct asker *a = c->askers; a; a = a->next)
        if (a->aboard == a && a->key == like->key && a->split == like->split) return true;
    return false;
}

/* For all that wait for the same. */
static void fetch_for_all(struct hot_cache *c, struct asker *me) {
    for (struct asker *a = c->askers; a; a = a->next)
        if (a->key == me->key && a->split == me->split && !a->done) a->aboard = me;
    struct answer answer = {0};
    uint64_t number = ++c->stats.fetches;
    pthread_mutex_unlock(&c->lock);
    answer.ok = c->env.fetch(c->env.world, hot_shard(me->key, me->split, c->shards), me->key, me->split, &answer.value,
                             &answer.version);
    pthread_mutex_lock(&c->lock);
    if (answer.ok && c->newest < answer.version) c->newest = answer.version;
    struct entry *e = answer.ok ? find_entry(c, me->key) : NULL;
    if (e && e->copies[me->split].version < answer.version) e->copies[me->split].version = answer.version;
    /* A copy that was filled when the key was hot the last time need not be what is known now. */
    if (e) learn(c, e, answer, number > e->from && (me->split == 0 || me->life == e->life));
    for (struct asker *a = c->askers; a; a = a->next)
        if (a->aboard == me) a->aboard = NULL, a->answer = answer, a->done = true;
    pthread_cond_broadcast(&c->changed);
}

static struct answer fetch_copy(struct hot_cache *c, uint64_t key, uint32_t split, uint64_t life, bool *fetched) {
    struct asker me = {.next = c->askers, .key = key, .life = life, .split = split}, **at = &c->askers;
    c->askers = &me;
    while (!me.done)
        if (is_being_fetched(c, &me))
            pthread_cond_wait(&c->changed, &c->lock);
        else
            *fetched = true, fetch_for_all(c, &me);
    while (*at != &me) at = &(*at)->next;
    *at = me.next;
    return me.answer;
}

static bool store_copy(struct hot_cache *c, uint64_t key, uint32_t split, struct answer new) {
    c->stats.stores++;
    pthread_mutex_unlock(&c->lock);
    bool ok = c->env.store(c->env.world, hot_shard(key, split, c->shards), key, split, new.value, new.version);
    pthread_mutex_lock(&c->lock);
    return ok;
}

static void store_split(struct hot_cache *c, uint64_t key, uint32_t split, uint64_t life, struct answer new) {
    if (!store_copy(c, key, split, new)) return;
    struct entry *e = find_again(c, key, life);
    if (e && e->copies[split].version < new.version) e->copies[split].version = new.version;
}

static bool is_filled(const struct entry *e, uint32_t split) {
    return e->version != 0 && e->copies[split].version >= e->version;
}

static struct answer fetch_and_fill(struct hot_cache *c, struct entry *e, uint32_t split, bool *fetched) {
    uint64_t key = e->key, life = e->life;
    bool fills = !e->copies[split].filling;
    if (fills) e->copies[split].filling = true;
    struct answer answer = fetch_copy(c, key, 0, 0, fetched);
    e = fills ? find_again(c, key, life) : NULL;
    if (e && answer.ok && !is_filled(e, split)) {
        store_split(c, key, split, life, answer);
        e = find_again(c, key, life);
    }
    if (e) e->copies[split].filling = false;
    return answer;
}

static struct answer fetch_hot(struct hot_cache *c, struct entry *e, bool *fetched) {
    uint64_t key = e->key, life = e->life;
    uint32_t split = (uint32_t)(c->splits > 1 ? c->env.random(c->env.world) % c->splits : 0);
    if (split > 0 && is_filled(e, split)) {
        struct answer answer = fetch_copy(c, key, split, life, fetched);
        if (answer.ok) return answer;
        e = find_again(c, key, life);
        if (e) e->copies[split].version = 0;
    }
    return split > 0 && e ? fetch_and_fill(c, e, split, fetched) : fetch_copy(c, key, 0, 0, fetched);
}

static bool is_good(struct hot_cache *c, const struct entry *e) {
    if (e->version == 0 || c->staleness_ns == 0) return false;
    return c->staleness_ns == UINT64_MAX || c->env.now_ns(c->env.world) - e->since_ns < c->staleness_ns;
}

bool hot_get(struct hot_cache *c, uint64_t key, uint64_t *value) {
    bool fetched = false;
    struct answer answer;
    pthread_mutex_lock(&c->lock);
    struct entry *e = count_read(c, key);
    if (e && is_good(c, e)) {
        c->stats.hits++;
        answer = (struct answer){e->value, e->version, true};
    } else {
        answer = e ? fetch_hot(c, e, &fetched) : fetch_copy(c, key, 0, 0, &fetched);
        if (!fetched) c->stats.shared++;
    }
    pthread_mutex_unlock(&c->lock);
    if (answer.ok) *value = answer.value;
    return answer.ok;
}

bool hot_put(struct hot_cache *c, uint64_t key, uint64_t value) {
    pthread_mutex_lock(&c->lock);
    uint64_t now = c->env.now_ns(c->env.world);
    c->newest = now > c->newest ? now : c->newest + 1;
    struct answer new = {value, c->newest, true};
    bool ok = store_copy(c, key, 0, new);
    if (ok) {
        struct entry *e = find_entry(c, key);
        uint64_t life = e ? e->life : 0;
        if (e) learn(c, e, new, c->newest == new.version);
        for (uint32_t split = 1; life && split < c->splits; split++) store_split(c, key, split, life, new);
    }
    pthread_mutex_unlock(&c->lock);
    return ok;
}

struct hot_stats hot_stats(struct hot_cache *c) {
    pthread_mutex_lock(&c->lock);
    struct hot_stats now = c->stats;
    pthread_mutex_unlock(&c->lock);
    return now;
}

void hot_free(struct hot_cache *c) {
    if (!c) return;
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->lock);
    free(c->entries), free(c->copies), free(c);
}
