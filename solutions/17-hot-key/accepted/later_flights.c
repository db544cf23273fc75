/* SPDX-License-Identifier: MIT */
/* later_flights.c -- nobody shares a fetch that had begun before the call: whoever comes
 * meanwhile waits, and one of those who have waited fetches for all of them. So what is
 * fetched is never older than what its thread knows, and no fetch has to be told of
 * anything; the first replica is made by a fetch that began when all that is known was known.
 *
 * Each one that waits has a semaphore, and the first of them is woken to fetch next. Counters
 * are a heap with the rarest key on top, and a table of places finds them. */
#include "hot_key.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

enum { PLACES = 4096 };

struct counter {
    uint64_t key, count;
    uint16_t place; /* in `at`, where the number of its place in the heap is found */
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
    sem_t turn; /* either it is done, or it fetches next */
    bool done;
};

struct hot_cache {
    size_t shards, entry_count, counters_used, window_reads;
    uint64_t staleness_ns, newest, lives;
    uint32_t splits;
    struct hot_env env;
    pthread_mutex_t lock; /* given up in fetch and store */
    struct hot_stats stats;
    struct asker *askers;
    struct entry *entries;
    struct copy *copies;
    struct counter heap[HOT_COUNTERS];
    uint16_t at[PLACES]; /* 1 + its number in the heap; 0: nobody's place */
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

static size_t first_place(uint64_t key) {
    return (key ^ key >> 29) * UINT64_C(0xbf58476d1ce4e5b9) >> 52;
}

/* Where it is, or where it can be. */
static size_t find_place(const struct hot_cache *c, uint64_t key) {
    size_t place = first_place(key);
    while (c->at[place] && c->heap[c->at[place] - 1].key != key) place = (place + 1) % PLACES;
    return place;
}

static struct counter *find_counter(struct hot_cache *c, uint64_t key) {
    size_t place = find_place(c, key);
    return c->at[place] ? &c->heap[c->at[place] - 1] : NULL;
}

static void put_at(struct hot_cache *c, size_t number, struct counter n) {
    c->heap[number] = n;
    c->at[n.place] = (uint16_t)(number + 1);
}

static size_t sift_down(struct hot_cache *c, size_t number) {
    struct counter n = c->heap[number];
    for (size_t child; (child = 2 * number + 1) < c->counters_used; number = child) {
        if (child + 1 < c->counters_used && c->heap[child + 1].count < c->heap[child].count) child++;
        if (c->heap[child].count >= n.count) break;
        put_at(c, number, c->heap[child]);
    }
    put_at(c, number, n);
    return number;
}

static void sift_up(struct hot_cache *c, size_t number) {
    struct counter n = c->heap[number];
    for (size_t parent; number > 0 && c->heap[parent = (number - 1) / 2].count > n.count; number = parent)
        put_at(c, number, c->heap[parent]);
    put_at(c, number, n);
}

/* Those that lie behind a place that is free now come as near to their first place as they can. */
static void free_place(struct hot_cache *c, size_t place) {
    c->at[place] = 0;
    for (size_t next = (place + 1) % PLACES; c->at[next]; next = (next + 1) % PLACES) {
        uint16_t number = c->at[next];
        c->at[next] = 0;
        size_t nearer = find_place(c, c->heap[number - 1].key);
        c->heap[number - 1].place = (uint16_t)nearer;
        c->at[nearer] = number;
    }
}

/* Its count after this read. */
static uint64_t count_key(struct hot_cache *c, uint64_t key) {
    const struct counter *known = find_counter(c, key);
    size_t number = known ? (size_t)(known - c->heap) : 0;
    if (!known && c->counters_used < HOT_COUNTERS) {
        number = c->counters_used++;
        put_at(c, number, (struct counter){key, 0, (uint16_t)find_place(c, key)});
        sift_up(c, number);
        number = find_counter(c, key) - c->heap;
    } else if (!known) {
        uint64_t count = c->heap[0].count;
        free_place(c, c->heap[0].place);
        put_at(c, 0, (struct counter){key, count, (uint16_t)find_place(c, key)});
    }
    c->heap[number].count++;
    return c->heap[sift_down(c, number)].count;
}

static void begin_window(struct hot_cache *c) {
    for (size_t i = 0; i < c->entry_count; i++) {
        struct entry *e = &c->entries[i];
        const struct counter *n = e->life ? find_counter(c, e->key) : NULL;
        if (!e->life || (n && n->count > HOT_READS_PER_SHARD)) continue;
        e->life = 0;
        c->stats.hot--;
    }
    for (size_t i = 0; i < c->counters_used; i++) c->at[c->heap[i].place] = 0;
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
    uint64_t count = count_key(c, key);
    struct entry *e = find_entry(c, key);
    return e || count <= HOT_READS_PER_SHARD ? e : make_hot(c, key);
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
    struct asker *next = NULL;
    for (struct asker *a = c->askers; a; a = a->next)
        if (a->aboard == me) {
            a->aboard = NULL, a->answer = answer, a->done = true;
            if (a != me) sem_post(&a->turn);
        } else if (a->key == me->key && a->split == me->split && !a->done) {
            next = a;
        }
    if (next) next->aboard = next, sem_post(&next->turn);
}

static struct answer fetch_copy(struct hot_cache *c, uint64_t key, uint32_t split, uint64_t life, bool *fetched) {
    struct asker me = {.next = c->askers, .key = key, .life = life, .split = split};
    struct asker **at;
    sem_init(&me.turn, 0, 0);
    bool waits = is_being_fetched(c, &me);
    c->askers = &me;
    if (waits) {
        pthread_mutex_unlock(&c->lock);
        while (sem_wait(&me.turn) != 0) continue; /* interrupted */
        pthread_mutex_lock(&c->lock);
    }
    if (!me.done) *fetched = true, fetch_for_all(c, &me);
    for (at = &c->askers; *at != &me; at = &(*at)->next) continue;
    *at = me.next;
    sem_destroy(&me.turn);
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
    pthread_mutex_destroy(&c->lock);
    free(c->entries), free(c->copies), free(c);
}
