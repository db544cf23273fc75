/* SPDX-License-Identifier: MIT */
/* limiter.c -- another right design: no chains. A key is looked for from its place on, and lies in the first entry
 * after that which was free when it came. Entries that were never used end the search; those that were used once are
 * never unused again, so that a search never ends too early, and nothing ever has to be moved. New keys wait for each
 * other at a flag. Windows are searched from the first to the last. */
#include "limiter.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#define TOKEN UINT64_C(1000000000)
#define NONE SIZE_MAX
#define SLOTS 65

typedef unsigned __int128 moment;

/* `turn`: 0 before its first key; odd while it goes from one key to another. */
struct entry {
    moment full_at;
    _Atomic uint64_t key, turn;
};

struct limiter {
    uint64_t per_second, burst;
    size_t count, used; /* entries; those that have had a key */
    atomic_flag busy;
    moment left_at;
    struct entry *entries;
};

struct limiter *limiter_new(uint64_t per_second, uint64_t burst, size_t keys_max) {
    if (per_second - 1 >= 1000000000000000000 || burst == 0 || keys_max - 1 >= SIZE_MAX / 64) return NULL;
    struct limiter *l = calloc(1, sizeof *l);
    if (!l) return NULL;
    l->entries = aligned_alloc(32, keys_max * sizeof *l->entries);
    if (!l->entries) {
        free(l);
        return NULL;
    }
    for (size_t i = 0; i < keys_max; i++) atomic_init(&l->entries[i].turn, 0);
    atomic_flag_clear(&l->busy);
    l->per_second = per_second, l->burst = burst, l->count = keys_max;
    return l;
}

void limiter_free(struct limiter *l) {
    if (l) free(l->entries);
    free(l);
}

static moment load(struct entry *e) {
    return __sync_val_compare_and_swap(&e->full_at, 0, 0);
}

static size_t home_of(const struct limiter *l, uint64_t key) {
    return (size_t)(((moment)(key * 0x9e3779b97f4a7c15) * l->count) >> 64);
}

static size_t find(struct limiter *l, uint64_t key, uint64_t *turn) {
    size_t at = home_of(l, key);
    for (size_t i = 0; i < l->count; i++, at = at + 1 == l->count ? 0 : at + 1) {
        *turn = atomic_load(&l->entries[at].turn);
        if (*turn == 0) return NONE;
        if (*turn % 2 == 0 && atomic_load(&l->entries[at].key) == key) return at;
    }
    return NONE;
}

static uint64_t wait_of(const struct limiter *l, moment units) {
    moment ns = units / l->per_second + (units % l->per_second > 0);
    return ns > UINT64_MAX ? UINT64_MAX : (uint64_t)ns;
}

/* 0: taken, or to be tried again where *again says so. Otherwise how long to wait. */
static uint64_t take(struct limiter *l, struct entry *e, uint64_t turn, moment now, uint64_t cost, bool *again) {
    moment before = load(e), from = before > now ? before : now;
    *again = atomic_load(&e->turn) != turn;
    if (*again) return 0;
    moment lacks = from + (moment)cost * TOKEN - now, most = (moment)l->burst * TOKEN;
    if (lacks > most) return wait_of(l, lacks - most);
    *again = !__sync_bool_compare_and_swap(&e->full_at, before, now + lacks);
    return 0;
}

/* false: the key has no entry. */
static bool take_own(struct limiter *l, uint64_t key, moment now, uint64_t cost, uint64_t *wait_ns) {
    for (bool again = true; again;) {
        uint64_t turn;
        size_t at = find(l, key, &turn);
        if (at == NONE) return false;
        *wait_ns = take(l, &l->entries[at], turn, now, cost, &again);
    }
    return true;
}

/* Its key may come at this moment, and swap first. */
static bool empty(struct limiter *l, struct entry *e, moment now, moment after) {
    moment before = load(e);
    if (before > now) return false;
    atomic_fetch_add(&e->turn, 1);
    bool gone = __sync_bool_compare_and_swap(&e->full_at, before, after);
    if (!gone) atomic_fetch_add(&e->turn, 1);
    if (gone && before > l->left_at) l->left_at = before;
    return gone;
}

static uint64_t enter(struct limiter *l, uint64_t key, moment now, uint64_t cost) {
    moment from = l->left_at > now ? l->left_at : now, after = from + (moment)cost * TOKEN, first = (moment)-1;
    if (after - now > (moment)l->burst * TOKEN) return wait_of(l, after - now - (moment)l->burst * TOKEN);
    size_t at = home_of(l, key);
    for (size_t i = 0; i < l->count; i++, at = at + 1 == l->count ? 0 : at + 1) {
        struct entry *e = &l->entries[at];
        bool fresh = atomic_load(&e->turn) == 0;
        if (fresh) e->full_at = after, l->used++;
        if (fresh || (l->used == l->count && empty(l, e, now, after))) {
            atomic_store(&e->key, key);
            atomic_fetch_add(&e->turn, fresh ? 2 : 1);
            return 0;
        }
        if (load(e) < first) first = load(e);
    }
    return first > now ? wait_of(l, first - now) : 1;
}

bool limiter_allow(struct limiter *l, uint64_t key, uint64_t cost, uint64_t now_ns, uint64_t *retry_after_ns) {
    moment now = (moment)now_ns * l->per_second;
    uint64_t wait_ns = cost > l->burst ? UINT64_MAX : 0;
    if (cost > 0 && wait_ns == 0 && !take_own(l, key, now, cost, &wait_ns)) {
        while (atomic_flag_test_and_set(&l->busy)) sched_yield();
        if (!take_own(l, key, now, cost, &wait_ns)) wait_ns = enter(l, key, now, cost);
        atomic_flag_clear(&l->busy);
    }
    if (retry_after_ns) *retry_after_ns = wait_ns;
    return wait_ns == 0;
}

struct calls {
    uint64_t key, last;    /* its latest slot */
    uint64_t count[SLOTS]; /* by the slot, modulo */
};

struct window {
    pthread_mutex_t lock;
    uint64_t limit, slot_ns, latest_ns;
    size_t keys_max;
    struct calls calls[];
};

struct window *window_new(uint64_t limit, uint64_t window_ns, size_t keys_max) {
    if (limit == 0 || window_ns == 0 || window_ns % 64 || keys_max - 1 >= SIZE_MAX / 1024) return NULL;
    struct window *w = calloc(1, sizeof *w + keys_max * sizeof w->calls[0]);
    if (!w) return NULL;
    pthread_mutex_init(&w->lock, NULL); /* cannot fail with default attributes */
    w->limit = limit, w->slot_ns = window_ns / 64, w->keys_max = keys_max;
    return w;
}

void window_free(struct window *w) {
    free(w);
}

/* The calls that count in `slot`, which is not before the latest one. */
static uint64_t in(const struct calls *c, uint64_t slot) {
    uint64_t sum = 0, passed = slot - c->last;
    for (uint64_t i = 0; passed + i < SLOTS && i <= c->last; i++) sum += c->count[(c->last - i) % SLOTS];
    return sum;
}

static void forget(struct calls *c, uint64_t slot) {
    uint64_t passed = slot - c->last < SLOTS ? slot - c->last : SLOTS;
    for (uint64_t i = 0; i < passed; i++) c->count[(slot - i) % SLOTS] = 0;
    c->last = slot;
}

/* So many slots after `slot` fewer than `limit` calls count. */
static uint64_t slots_until(const struct calls *c, uint64_t slot, uint64_t limit) {
    uint64_t wait = 0;
    while (in(c, slot + wait) >= limit) wait++;
    return wait;
}

/* For so many slots its last call counts still; the latest slot is now. */
static uint64_t slots_of_last(const struct calls *c) {
    for (uint64_t i = 0; i < SLOTS && i <= c->last; i++)
        if (c->count[(c->last - i) % SLOTS] > 0) return SLOTS - i;
    return 0;
}

/* How many slots to wait; 0: counted. */
static uint64_t ask(struct window *w, uint64_t key, uint64_t slot) {
    struct calls *own = NULL, *vacant = NULL;
    uint64_t first = UINT64_MAX;
    for (struct calls *c = w->calls; c < w->calls + w->keys_max && !own; c++) {
        forget(c, slot);
        uint64_t ends = slots_of_last(c);
        if (ends == 0) vacant = c;
        if (ends > 0 && c->key == key) own = c;
        if (ends < first) first = ends;
    }
    if (!own && !vacant) return first;
    if (!own) own = vacant;
    own->key = key;
    uint64_t wait = slots_until(own, slot, w->limit);
    if (wait == 0) own->count[slot % SLOTS]++;
    return wait;
}

bool window_allow(struct window *w, uint64_t key, uint64_t now_ns, uint64_t *retry_after_ns) {
    pthread_mutex_lock(&w->lock);
    if (now_ns > w->latest_ns) w->latest_ns = now_ns;
    uint64_t slot = w->latest_ns / w->slot_ns, wait = ask(w, key, slot);
    pthread_mutex_unlock(&w->lock);
    moment wait_ns = wait == 0 ? 0 : ((moment)slot + wait) * w->slot_ns - now_ns;
    if (retry_after_ns) *retry_after_ns = wait_ns > UINT64_MAX ? UINT64_MAX : (uint64_t)wait_ns;
    return wait == 0;
}
