/* SPDX-License-Identifier: MIT */
/* hot_key.c -- reference: one mutex, given up around fetch and store; counters in lists
 * by count; an entry for each hot key; a flight for each fetch that runs.
 *
 * Two things keep a thread from reading backwards. The entry of a hot key knows the newest
 * version that was read or put, and by it which copies are filled. And whoever learns of a
 * version tells the flights of that key, which may have read an older one already and are
 * on their way back: they answer the newer one when they land. For a key that is not hot
 * the flights are all that is known, and all that is needed, since the home copy
 * never goes back. An entry lives from the key's becoming hot to its cooling down; who
 * was away meanwhile knows it by its `life`. */
#include "hot_key.h"

#include <pthread.h>
#include <stdlib.h>

enum { INDEX_HEADS = 2048, FLIGHT_HEADS = 64, ENOUGH = HOT_READS_PER_SHARD + 1 };
#define NOBODY UINT16_MAX

/* Of the window that runs. Counts above ENOUGH need not be told apart. */
struct counter {
    uint64_t key;
    uint16_t count, next_in_head;
    uint16_t before, after; /* in the list of its count */
};

struct copy {
    uint64_t version; /* 0: not filled */
    bool filling;
};

struct entry {
    uint64_t key, value, version, since_ns, life; /* version 0: no replica yet */
    struct entry *next;
    struct copy *copies;
};

struct answer {
    uint64_t value, version, since_ns;
    bool ok;
};

/* On the stack of one that waits for a flight. */
struct waiter {
    struct waiter *next;
    pthread_cond_t landed;
    struct answer answer;
    bool done;
};

/* On the stack of the one that fetches. */
struct flight {
    struct flight *next;
    uint64_t key;
    uint32_t split;
    struct answer newest; /* that was read or put elsewhere meanwhile; version 0: none was */
    struct waiter *waiters;
};

struct hot_cache {
    size_t shards;
    uint64_t staleness_ns;
    uint32_t splits;
    struct hot_env env;
    pthread_mutex_t lock; /* guards all that follows; never held in fetch and store */
    struct hot_stats stats;
    uint64_t newest, lives;
    struct flight *flights[FLIGHT_HEADS];
    struct entry **hot; /* HOT_SHARDS_MAX heads */
    struct entry *spare, *entries;
    struct copy *copies;
    size_t window_reads, counters_used;
    uint16_t lowest; /* no list below it has a counter */
    uint16_t lists[ENOUGH + 1], index[INDEX_HEADS];
    struct counter counters[HOT_COUNTERS];
};

static size_t hash(uint64_t key) {
    return (key ^ key >> 31) * UINT64_C(0x9e3779b97f4a7c15) >> 40;
}

static void clear_counters(struct hot_cache *c) {
    for (size_t i = 0; i < INDEX_HEADS; i++) c->index[i] = NOBODY;
    for (size_t i = 0; i <= ENOUGH; i++) c->lists[i] = NOBODY;
    c->counters_used = c->window_reads = 0;
}

static void thread_spares(struct hot_cache *c, size_t count) {
    for (size_t i = 0; i < count; i++) {
        c->entries[i].copies = &c->copies[i * c->splits];
        c->entries[i].next = c->spare;
        c->spare = &c->entries[i];
    }
}

struct hot_cache *hot_new(size_t shards, size_t replicas_max, uint64_t staleness_ns, uint32_t splits,
                          struct hot_env env) {
    if (shards == 0 || shards > HOT_SHARDS_MAX || splits == 0 || splits > shards) return NULL;
    size_t most = replicas_max < 2 * shards ? replicas_max : 2 * shards;
    struct hot_cache *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->hot = calloc(HOT_SHARDS_MAX, sizeof *c->hot);
    c->entries = calloc(most + 1, sizeof *c->entries);
    c->copies = calloc((most + 1) * splits, sizeof *c->copies);
    if (!c->hot || !c->entries || !c->copies) {
        free(c->hot), free(c->entries), free(c->copies), free(c);
        return NULL;
    }
    c->shards = shards, c->staleness_ns = staleness_ns, c->splits = splits, c->env = env;
    pthread_mutex_init(&c->lock, NULL);
    thread_spares(c, most);
    clear_counters(c);
    return c;
}

static struct entry *find_entry(const struct hot_cache *c, uint64_t key) {
    struct entry *e = c->hot[hash(key) % HOT_SHARDS_MAX];
    while (e && e->key != key) e = e->next;
    return e;
}

/* The same life of it as before the lock was given up. */
static struct entry *find_again(const struct hot_cache *c, uint64_t key, uint64_t life) {
    struct entry *e = find_entry(c, key);
    return e && e->life == life ? e : NULL;
}

static struct counter *find_counter(struct hot_cache *c, uint64_t key) {
    uint16_t at = c->index[hash(key) % INDEX_HEADS];
    while (at != NOBODY && c->counters[at].key != key) at = c->counters[at].next_in_head;
    return at == NOBODY ? NULL : &c->counters[at];
}

static void leave_list(struct hot_cache *c, const struct counter *n) {
    if (n->before == NOBODY)
        c->lists[n->count] = n->after;
    else
        c->counters[n->before].after = n->after;
    if (n->after != NOBODY) c->counters[n->after].before = n->before;
}

static void enter_list(struct hot_cache *c, struct counter *n, uint16_t count) {
    uint16_t at = (uint16_t)(n - c->counters);
    n->count = count, n->before = NOBODY, n->after = c->lists[count];
    if (n->after != NOBODY) c->counters[n->after].before = at;
    c->lists[count] = at;
}

static void enter_index(struct hot_cache *c, struct counter *n, uint64_t key) {
    uint16_t *head = &c->index[hash(key) % INDEX_HEADS];
    n->key = key, n->next_in_head = *head;
    *head = (uint16_t)(n - c->counters);
}

static void leave_index(struct hot_cache *c, const struct counter *n) {
    uint16_t *at = &c->index[hash(n->key) % INDEX_HEADS];
    while (*at != n - c->counters) at = &c->counters[*at].next_in_head;
    *at = n->next_in_head;
}

/* A counter for a key that has none: a new one at 0, or that of one of the rarest keys, with its count. */
static struct counter *take_counter(struct hot_cache *c, uint64_t key) {
    struct counter *n;
    if (c->counters_used < HOT_COUNTERS) {
        n = &c->counters[c->counters_used++];
        enter_list(c, n, 0);
        c->lowest = 0;
    } else {
        while (c->lists[c->lowest] == NOBODY) c->lowest++;
        n = &c->counters[c->lists[c->lowest]];
        leave_index(c, n);
    }
    enter_index(c, n, key);
    return n;
}

static void cool_down(struct hot_cache *c, struct entry **at) {
    struct entry *e = *at;
    *at = e->next;
    e->next = c->spare;
    c->spare = e;
    c->stats.hot--;
}

static void begin_window(struct hot_cache *c) {
    for (size_t head = 0; head < HOT_SHARDS_MAX && c->stats.hot; head++)
        for (struct entry **at = &c->hot[head]; *at;) {
            const struct counter *n = find_counter(c, (*at)->key);
            if (n && n->count >= ENOUGH)
                at = &(*at)->next;
            else
                cool_down(c, at);
        }
    clear_counters(c);
}

static struct entry *make_hot(struct hot_cache *c, uint64_t key) {
    struct entry *e = c->spare, **head = &c->hot[hash(key) % HOT_SHARDS_MAX];
    if (!e) return NULL;
    c->spare = e->next;
    struct copy *copies = e->copies;
    for (uint32_t split = 0; split < c->splits; split++) copies[split] = (struct copy){0, false};
    *e = (struct entry){.key = key, .life = ++c->lives, .next = *head, .copies = copies};
    *head = e;
    c->stats.hot++;
    return e;
}

/* Its entry, if it is hot now. */
static struct entry *count_read(struct hot_cache *c, uint64_t key) {
    c->stats.reads++;
    if (c->window_reads == c->shards * HOT_READS_PER_SHARD) begin_window(c);
    c->window_reads++;
    struct counter *n = find_counter(c, key);
    if (!n) n = take_counter(c, key);
    if (n->count < ENOUGH) {
        leave_list(c, n);
        enter_list(c, n, n->count + 1);
    }
    struct entry *e = find_entry(c, key);
    return e || n->count < ENOUGH ? e : make_hot(c, key);
}

/* Somebody has read or put this: nobody who calls from here on may be answered an older one. */
static void tell_flights(struct hot_cache *c, uint64_t key, struct answer new) {
    for (struct flight *f = c->flights[hash(key) % FLIGHT_HEADS]; f; f = f->next)
        if (f->key == key && f->newest.version < new.version) f->newest = new;
    if (c->newest < new.version) c->newest = new.version;
}

static void replicate(struct entry *e, struct answer new) {
    if (e->version > new.version) return;
    if (e->version < new.version || e->since_ns < new.since_ns) e->since_ns = new.since_ns;
    e->value = new.value, e->version = new.version;
}

static struct answer await_landing(struct hot_cache *c, struct flight *f) {
    struct waiter me = {.next = f->waiters};
    pthread_cond_init(&me.landed, NULL);
    f->waiters = &me;
    while (!me.done) pthread_cond_wait(&me.landed, &c->lock);
    pthread_cond_destroy(&me.landed);
    return me.answer;
}

static void land(struct flight *f, struct flight **head, struct answer answer) {
    while (*head != f) head = &(*head)->next;
    *head = f->next;
    for (struct waiter *w = f->waiters, *next; w; w = next) {
        next = w->next; /* the waiter is gone once it has the lock */
        w->answer = answer, w->done = true;
        pthread_cond_signal(&w->landed);
    }
}

/* By this thread, or, if it is being fetched already, by another one. */
static struct answer fetch_copy(struct hot_cache *c, uint64_t key, uint32_t split, bool *fetched) {
    struct flight **head = &c->flights[hash(key) % FLIGHT_HEADS];
    for (struct flight *f = *head; f; f = f->next)
        if (f->key == key && f->split == split) return await_landing(c, f);
    struct flight mine = {.next = *head, .key = key, .split = split};
    struct answer answer = {0};
    *head = &mine;
    *fetched = true;
    c->stats.fetches++;
    pthread_mutex_unlock(&c->lock);
    answer.ok =
        c->env.fetch(c->env.world, hot_shard(key, split, c->shards), key, split, &answer.value, &answer.version);
    pthread_mutex_lock(&c->lock);
    answer.since_ns = c->env.now_ns(c->env.world);
    if (answer.ok) {
        struct entry *e = find_entry(c, key);
        if (e && e->copies[split].version < answer.version) e->copies[split].version = answer.version;
        if (mine.newest.version > answer.version) answer = mine.newest;
        tell_flights(c, key, answer);
        if (e) replicate(e, answer);
    }
    land(&mine, head, answer);
    return answer;
}

static bool store_copy(struct hot_cache *c, uint64_t key, uint32_t split, struct answer new) {
    c->stats.stores++;
    pthread_mutex_unlock(&c->lock);
    bool ok = c->env.store(c->env.world, hot_shard(key, split, c->shards), key, split, new.value, new.version);
    pthread_mutex_lock(&c->lock);
    return ok;
}

/* In a copy that is not home. The entry may have gone meanwhile, and another may be there. */
static void store_split(struct hot_cache *c, uint64_t key, uint32_t split, uint64_t life, struct answer new) {
    if (!store_copy(c, key, split, new)) return;
    struct entry *e = find_again(c, key, life);
    if (e && e->copies[split].version < new.version) e->copies[split].version = new.version;
}

static bool is_filled(const struct entry *e, uint32_t split) {
    return e->version != 0 && e->copies[split].version >= e->version;
}

/* The home copy; what it brings fills copy `split`, unless another get is about to. */
static struct answer fetch_and_fill(struct hot_cache *c, struct entry *e, uint32_t split, bool *fetched) {
    uint64_t key = e->key, life = e->life;
    bool fills = !e->copies[split].filling;
    if (fills) e->copies[split].filling = true;
    struct answer answer = fetch_copy(c, key, 0, fetched);
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
    if (split == 0) return fetch_copy(c, key, 0, fetched);
    if (is_filled(e, split)) {
        struct answer answer = fetch_copy(c, key, split, fetched);
        if (answer.ok) return answer;
        e = find_again(c, key, life);
        if (!e) return fetch_copy(c, key, 0, fetched);
        e->copies[split].version = 0;
    }
    return fetch_and_fill(c, e, split, fetched);
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
        answer = (struct answer){e->value, e->version, e->since_ns, true};
    } else {
        answer = e ? fetch_hot(c, e, &fetched) : fetch_copy(c, key, 0, &fetched);
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
    struct answer new = {value, c->newest, 0, true};
    bool ok = store_copy(c, key, 0, new);
    if (ok) {
        new.since_ns = c->env.now_ns(c->env.world);
        tell_flights(c, key, new);
        struct entry *e = find_entry(c, key);
        uint64_t life = e ? e->life : 0;
        /* Where nothing is known of the key yet, a later put may have overtaken this one before the key became hot. */
        if (e && (e->version || c->newest == new.version)) replicate(e, new);
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
    free(c->hot), free(c->entries), free(c->copies), free(c);
}
