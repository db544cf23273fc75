/* SPDX-License-Identifier: MIT */
/* epochs.c -- each key has an epoch, which moves whenever a put or a fetch of it returns: then somebody knows more.
 * A fetch that is under way is shared as long as nobody has learned anything since it began; else the
 * next one is. Whoever has waited looks again whether the copy is still filled, before it fetches it.
 *
 * Counters lie sorted by key. Keys that are hot are a list, what was looked for last in front. Clock and random are
 * called without the lock, so a time may be older than what has been learned meanwhile. */
#include "hot_key.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { EPOCHS = 1024, CONDITIONS = 16 };

struct copy {
    uint64_t version;
    bool filling;
};

struct hot {
    struct hot *next;
    uint64_t key, born, value, version, since;
    struct copy *copies;
};

struct result {
    uint64_t value, version;
    bool ok;
};

struct asker {
    struct asker *next, *prev;
    uint64_t key, epoch;
    uint32_t split;
    bool fetching, done;
    struct result result;
};

struct hot_cache {
    struct hot_env env;
    pthread_mutex_t lock;
    pthread_cond_t moved[CONDITIONS];
    size_t shards, window, used;
    uint32_t splits;
    uint64_t staleness, clock, births;
    struct hot_stats stats;
    struct hot *hot, *idle;
    struct copy *copies;
    struct asker askers;
    uint64_t epoch[EPOCHS];
    struct counter {
        uint64_t key;
        uint32_t count;
    } counters[HOT_COUNTERS];
    struct hot all[];
};

struct hot_cache *hot_new(size_t shards, size_t replicas_max, uint64_t staleness_ns, uint32_t splits,
                          struct hot_env env) {
    if (!shards || shards > HOT_SHARDS_MAX || !splits || splits > shards) return NULL;
    size_t most = replicas_max / 2 < shards ? replicas_max : 2 * shards;
    struct hot_cache *c = calloc(1, sizeof *c + most * sizeof c->all[0]);
    struct copy *copies = calloc(most ? most : 1, splits * sizeof *copies);
    if (!c || !copies) {
        free(c), free(copies);
        return NULL;
    }
    c->env = env, c->shards = shards, c->splits = splits, c->staleness = staleness_ns;
    for (size_t i = 0; i < most; i++) {
        c->all[i].copies = copies + i * splits;
        c->all[i].next = c->idle, c->idle = &c->all[i];
    }
    c->copies = copies;
    pthread_mutex_init(&c->lock, NULL);
    for (int i = 0; i < CONDITIONS; i++) pthread_cond_init(&c->moved[i], NULL);
    c->askers.next = c->askers.prev = &c->askers;
    return c;
}

/* Other keys may have the same one: it moves too often then, which does no harm. */
static uint64_t *epoch_of(struct hot_cache *c, uint64_t key) {
    return &c->epoch[key * UINT64_C(0xff51afd7ed558ccd) >> 54];
}

static size_t place_of(const struct hot_cache *c, uint64_t key) {
    size_t low = 0, high = c->used;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (c->counters[mid].key < key)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static uint32_t counted(const struct hot_cache *c, uint64_t key) {
    size_t at = place_of(c, key);
    return at < c->used && c->counters[at].key == key ? c->counters[at].count : 0;
}

static uint32_t evict(struct hot_cache *c) {
    size_t least = 0;
    for (size_t i = 1; i < c->used; i++)
        if (c->counters[i].count < c->counters[least].count) least = i;
    uint32_t count = c->counters[least].count;
    memmove(&c->counters[least], &c->counters[least + 1], (--c->used - least) * sizeof c->counters[0]);
    return count;
}

static uint32_t count(struct hot_cache *c, uint64_t key) {
    size_t at = place_of(c, key);
    if (at < c->used && c->counters[at].key == key) return ++c->counters[at].count;
    uint32_t floor = c->used == HOT_COUNTERS ? evict(c) : 0;
    at = place_of(c, key);
    memmove(&c->counters[at + 1], &c->counters[at], (c->used++ - at) * sizeof c->counters[0]);
    c->counters[at].key = key;
    return c->counters[at].count = floor + 1;
}

static struct hot *find(struct hot_cache *c, uint64_t key) {
    for (struct hot **at = &c->hot, *h; (h = *at) != NULL; at = &h->next) {
        if (h->key != key) continue;
        *at = h->next;
        h->next = c->hot;
        return c->hot = h;
    }
    return NULL;
}

static struct hot *find_born(struct hot_cache *c, uint64_t key, uint64_t born) {
    struct hot *h = find(c, key);
    return h && h->born == born ? h : NULL;
}

static void cool_down(struct hot_cache *c) {
    struct hot *kept = NULL, *next;
    for (struct hot *h = c->hot; h; h = next) {
        next = h->next;
        struct hot **to = counted(c, h->key) > HOT_READS_PER_SHARD ? &kept : &c->idle;
        h->next = *to;
        *to = h;
        if (to != &kept) c->stats.hot--;
    }
    c->hot = kept;
    c->used = c->window = 0;
}

static struct hot *read_of(struct hot_cache *c, uint64_t key) {
    c->stats.reads++;
    if (c->window == c->shards * HOT_READS_PER_SHARD) cool_down(c);
    c->window++;
    uint32_t n = count(c, key);
    struct hot *h = find(c, key);
    if (h || n <= HOT_READS_PER_SHARD || !c->idle) return h;
    h = c->idle;
    c->idle = h->next;
    *h = (struct hot){.next = c->hot, .key = key, .born = ++c->births, .copies = h->copies};
    memset(h->copies, 0, c->splits * sizeof *h->copies);
    c->stats.hot++;
    return c->hot = h;
}

static bool is_filled(const struct hot *h, uint32_t split) {
    return h && h->version && h->copies[split].version >= h->version;
}

static void deliver(struct hot_cache *c, struct asker *me) {
    for (struct asker *a = c->askers.next; a != &c->askers; a = a->next)
        if (a->key == me->key && a->split == me->split && a->epoch <= me->epoch) a->result = me->result, a->done = true;
    pthread_cond_broadcast(&c->moved[me->key % CONDITIONS]);
}

static void run(struct hot_cache *c, struct asker *me) {
    uint64_t *epoch = epoch_of(c, me->key);
    me->epoch = *epoch;
    me->fetching = true;
    c->stats.fetches++;
    struct result r = {0};
    pthread_mutex_unlock(&c->lock);
    r.ok =
        c->env.fetch(c->env.world, hot_shard(me->key, me->split, c->shards), me->key, me->split, &r.value, &r.version);
    uint64_t now = c->env.now_ns(c->env.world);
    pthread_mutex_lock(&c->lock);
    me->fetching = false;
    me->result = r;
    struct hot *h = r.ok ? find(c, me->key) : NULL;
    bool knows_all = me->epoch == *epoch;
    deliver(c, me);
    if (!r.ok) return;
    ++*epoch;
    if (c->clock < r.version) c->clock = r.version;
    if (!h) return;
    if (h->copies[me->split].version < r.version) h->copies[me->split].version = r.version;
    if (h->version ? h->version > r.version : !knows_all) return;
    if (h->version != r.version || h->since < now) h->since = now;
    h->value = r.value, h->version = r.version;
}

static bool is_fetched(const struct hot_cache *c, const struct asker *me) {
    for (const struct asker *a = c->askers.next; a != &c->askers; a = a->next)
        if (a->fetching && a->key == me->key && a->split == me->split) return true;
    return false;
}

static void enlist(struct hot_cache *c, struct asker *a) {
    a->next = &c->askers, a->prev = c->askers.prev;
    a->prev->next = a->next->prev = a;
}

static struct result ask(struct hot_cache *c, uint64_t key, uint32_t split, uint64_t born, bool *fetched) {
    struct asker me = {.key = key, .split = split, .epoch = *epoch_of(c, key)};
    enlist(c, &me);
    bool may = true;
    while (!me.done && is_fetched(c, &me)) {
        pthread_cond_wait(&c->moved[key % CONDITIONS], &c->lock);
        may = split == 0 || is_filled(find_born(c, key, born), split);
    }
    if (!me.done && may) *fetched = true, run(c, &me);
    me.prev->next = me.next, me.next->prev = me.prev;
    return me.result;
}

static bool write_to(struct hot_cache *c, uint64_t key, uint32_t split, struct result r) {
    c->stats.stores++;
    pthread_mutex_unlock(&c->lock);
    bool ok = c->env.store(c->env.world, hot_shard(key, split, c->shards), key, split, r.value, r.version);
    pthread_mutex_lock(&c->lock);
    return ok;
}

static void copy_to(struct hot_cache *c, struct hot *h, uint32_t split, struct result r) {
    uint64_t key = h->key, born = h->born;
    if (!write_to(c, key, split, r)) return;
    h = find_born(c, key, born);
    if (h && h->copies[split].version < r.version) h->copies[split].version = r.version;
}

static struct result from_home(struct hot_cache *c, struct hot *h, uint32_t split, bool *fetched) {
    uint64_t key = h->key, born = h->born;
    bool fills = !h->copies[split].filling;
    h->copies[split].filling = true;
    struct result r = ask(c, key, 0, 0, fetched);
    h = fills ? find_born(c, key, born) : NULL;
    if (h && r.ok) {
        copy_to(c, h, split, r);
        h = find_born(c, key, born);
    }
    if (h) h->copies[split].filling = false;
    return r;
}

static struct result from_copies(struct hot_cache *c, uint64_t key, uint64_t born, bool *fetched) {
    uint32_t split = 0;
    if (born && c->splits > 1) {
        pthread_mutex_unlock(&c->lock);
        split = (uint32_t)(c->env.random(c->env.world) % c->splits);
        pthread_mutex_lock(&c->lock);
    }
    struct hot *h = split ? find_born(c, key, born) : NULL;
    if (is_filled(h, split)) {
        struct result r = ask(c, key, split, born, fetched);
        if (r.ok) return r;
        h = find_born(c, key, born);
        if (h) h->copies[split].version = 0;
    }
    return h ? from_home(c, h, split, fetched) : ask(c, key, 0, 0, fetched);
}

static bool is_young(const struct hot_cache *c, const struct hot *h, uint64_t now) {
    if (!h->version || c->staleness == 0) return false;
    return now <= h->since || c->staleness == UINT64_MAX || now - h->since < c->staleness;
}

bool hot_get(struct hot_cache *c, uint64_t key, uint64_t *value) {
    uint64_t now = c->env.now_ns(c->env.world);
    struct result r = {0};
    bool fetched = false;
    pthread_mutex_lock(&c->lock);
    struct hot *h = read_of(c, key);
    if (h && is_young(c, h, now)) {
        r = (struct result){h->value, h->version, true};
        c->stats.hits++;
    } else {
        r = from_copies(c, key, h ? h->born : 0, &fetched);
        if (!fetched) c->stats.shared++;
    }
    pthread_mutex_unlock(&c->lock);
    if (r.ok) *value = r.value;
    return r.ok;
}

bool hot_put(struct hot_cache *c, uint64_t key, uint64_t value) {
    uint64_t now = c->env.now_ns(c->env.world);
    pthread_mutex_lock(&c->lock);
    c->clock = now > c->clock ? now : c->clock + 1;
    struct result r = {value, c->clock, true};
    bool ok = write_to(c, key, 0, r);
    struct hot *h = ok ? find(c, key) : NULL;
    if (ok) ++*epoch_of(c, key);
    if (h) {
        uint64_t born = h->born;
        if (h->version ? h->version < r.version : c->clock == r.version)
            h->value = value, h->version = r.version, h->since = c->env.now_ns(c->env.world);
        for (uint32_t split = c->splits; --split > 0;) {
            struct hot *still = find_born(c, key, born);
            if (still)
                copy_to(c, still, split, r);
            else
                write_to(c, key, split, r);
        }
    }
    pthread_mutex_unlock(&c->lock);
    return ok;
}

struct hot_stats hot_stats(struct hot_cache *c) {
    pthread_mutex_lock(&c->lock);
    struct hot_stats s = c->stats;
    pthread_mutex_unlock(&c->lock);
    return s;
}

void hot_free(struct hot_cache *c) {
    if (!c) return;
    for (int i = 0; i < CONDITIONS; i++) pthread_cond_destroy(&c->moved[i]);
    pthread_mutex_destroy(&c->lock);
    free(c->copies), free(c);
}
