/* SPDX-License-Identifier: MIT */
/* limiter.c -- the reference.
 *
 * Of a bucket one number is kept: the moment at which it will be full if nobody takes from it (the generic cell rate
 * algorithm, ITU-T I.371, in a unit in which nothing has to be rounded). One nanosecond is per_second units and one
 * token 10^9, so that 128 bits hold every moment and every sum: per_second is at most 10^18 < 2^60.
 *
 * Taking tokens moves that moment on, never back: so the word of an entry only grows, also when the entry is given to
 * another key, since that happens at a moment after the old one. A compare-and-swap that succeeds has therefore met the
 * very bucket that it has looked at, and there is no ABA.
 *
 * Keys are found in chains. A new key takes the lock, and an entry that is full, out of one chain into another. Whoever
 * looks for a key meanwhile notices by the entry's version, which is odd while it moves. */
#include "limiter.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define TOKEN UINT64_C(1000000000)
#define PER_SECOND_MAX UINT64_C(1000000000000000000)
#define NONE UINT32_MAX
#define SLOTS 65 /* a call counts in its own slot and in 64 more */

typedef unsigned __int128 moment;

static uint64_t hash_of(uint64_t key) {
    key = (key ^ key >> 33) * 0xff51afd7ed558ccd;
    return key ^ key >> 33;
}

struct entry {
    union {
        moment full_at; /* changed by compare-and-swap only */
        struct {
            _Atomic uint64_t low, high; /* x86 and Arm, little-endian */
        } half;
    };
    _Atomic uint64_t key;
    _Atomic uint32_t next;
    _Atomic uint32_t version;
};

struct limiter {
    struct entry *entries;
    _Atomic uint32_t *heads;
    uint64_t per_second;
    moment burst;
    uint64_t mask;
    /* The lock's. */
    pthread_mutex_t lock;
    uint32_t used, keys_max, hand;
    moment left_at; /* the latest moment at which a bucket that has left was full */
};

struct limiter *limiter_new(uint64_t per_second, uint64_t burst, size_t keys_max) {
    if (per_second == 0 || per_second > PER_SECOND_MAX || burst == 0 || keys_max == 0 || keys_max >= NONE) return NULL;
    uint64_t heads = 1;
    while (heads < keys_max) heads *= 2;
    struct limiter *l = calloc(1, sizeof *l);
    if (!l) return NULL;
    l->entries = aligned_alloc(32, keys_max * sizeof *l->entries);
    l->heads = malloc(heads * sizeof *l->heads);
    if (!l->entries || !l->heads || pthread_mutex_init(&l->lock, NULL) != 0) {
        free(l->entries), free(l->heads), free(l);
        return NULL;
    }
    for (uint64_t i = 0; i < heads; i++) atomic_init(&l->heads[i], NONE);
    l->per_second = per_second, l->burst = (moment)burst * TOKEN;
    l->mask = heads - 1, l->keys_max = (uint32_t)keys_max;
    return l;
}

void limiter_free(struct limiter *l) {
    if (!l) return;
    pthread_mutex_destroy(&l->lock);
    free(l->entries), free(l->heads), free(l);
}

/* Whole, while others swap it: dear, since that is a swap, too. */
static moment full_at(struct entry *e) {
    return __sync_val_compare_and_swap(&e->full_at, 0, 0);
}

/* Its halves need not belong together: good for a swap, which fails then, and for nothing else. Acquire: who finds the
 * moment of another key finds that the version has changed. */
static moment glance(struct entry *e) {
    uint64_t low = atomic_load_explicit(&e->half.low, memory_order_acquire);
    return (moment)atomic_load_explicit(&e->half.high, memory_order_acquire) << 64 | low;
}

static void tell(uint64_t *retry_after_ns, moment wait_ns) {
    if (retry_after_ns) *retry_after_ns = wait_ns > UINT64_MAX ? UINT64_MAX : (uint64_t)wait_ns;
}

/* When the bucket is full after `cost` tokens have been taken at `now`; false: they are not there. */
static bool take(const struct limiter *l, moment before, uint64_t cost, uint64_t now_ns, moment *after,
                 uint64_t *retry_after_ns) {
    moment now = (moment)now_ns * l->per_second;
    *after = (before > now ? before : now) + (moment)cost * TOKEN;
    bool enough = *after <= now + l->burst, never = (moment)cost * TOKEN > l->burst;
    if (enough || never)
        tell(retry_after_ns, enough ? 0 : UINT64_MAX);
    else
        tell(retry_after_ns, (*after - l->burst - now + l->per_second - 1) / l->per_second);
    return enough;
}

/* The key's entry and its version, or NONE. An entry that was moved meanwhile leads into another chain, and shows it by
 * its key: from the start then. Each new start means that a call has moved one, so that somebody always gets on. */
static uint32_t find(struct limiter *l, uint64_t key, uint32_t *version) {
    uint64_t chain = hash_of(key) & l->mask;
again:;
    /* Acquire, here and below: whoever finds an entry finds its key and what follows it, and whoever finds a `next` of
     * another chain finds the key that belongs there. */
    uint32_t at = atomic_load_explicit(&l->heads[chain], memory_order_acquire);
    while (at != NONE) {
        struct entry *e = &l->entries[at];
        *version = atomic_load_explicit(&e->version, memory_order_acquire);
        uint32_t next = atomic_load_explicit(&e->next, memory_order_acquire);
        uint64_t its = atomic_load_explicit(&e->key, memory_order_acquire);
        if (its == key && *version % 2 == 0) return at;
        if ((hash_of(its) & l->mask) != chain) goto again;
        at = next;
    }
    return NONE;
}

/* Takes from the key's own entry, if it has one; false: it has none, and nothing was done. */
static bool take_known(struct limiter *l, uint64_t key, uint64_t cost, uint64_t now_ns, uint64_t *retry_after_ns,
                       bool *allowed) {
    for (;;) {
        uint32_t version, at = find(l, key, &version);
        if (at == NONE) return false;
        struct entry *e = &l->entries[at];
        moment before = glance(e), after;
        *allowed = take(l, before, cost, now_ns, &after, retry_after_ns);
        if (!*allowed) *allowed = take(l, before = full_at(e), cost, now_ns, &after, retry_after_ns);
        /* An entry that had gone to another key before `before` was read shows it by its version. */
        if (atomic_load_explicit(&e->version, memory_order_acquire) != version) continue;
        if (!*allowed || __sync_bool_compare_and_swap(&e->full_at, before, after)) return true;
    }
}

static void unlink_entry(struct limiter *l, uint32_t number, uint64_t key) {
    _Atomic uint32_t *link = &l->heads[hash_of(key) & l->mask];
    while (atomic_load_explicit(link, memory_order_relaxed) != number)
        link = &l->entries[atomic_load_explicit(link, memory_order_relaxed)].next;
    uint32_t next = atomic_load_explicit(&l->entries[number].next, memory_order_relaxed);
    atomic_store_explicit(link, next, memory_order_release); /* `next` was complete when it was linked */
}

/* Release: whoever comes to the entry by this link, or sees the even version, finds key and next; and whoever still is
 * at it from before, and goes on by the new `next`, finds the new key. */
static void link_entry(struct limiter *l, uint32_t number, uint64_t key) {
    struct entry *e = &l->entries[number];
    _Atomic uint32_t *head = &l->heads[hash_of(key) & l->mask];
    atomic_store_explicit(&e->key, key, memory_order_release);
    atomic_store_explicit(&e->next, atomic_load_explicit(head, memory_order_relaxed), memory_order_release);
    atomic_fetch_add_explicit(&e->version, 1, memory_order_release);
    atomic_store_explicit(head, number, memory_order_release);
}

/* Gives the entry, if it is full, to nobody, with `after` in its word. Its key may be charged at this moment: then the
 * swap fails, and it keeps its entry. */
static bool vacate(struct limiter *l, uint32_t number, moment now, moment after) {
    struct entry *e = &l->entries[number];
    moment before = full_at(e);
    if (before > now) return false;
    /* Sequentially consistent, as the swap is: who still finds an even version has come before the swap, and fails. */
    atomic_fetch_add(&e->version, 1);
    if (!__sync_bool_compare_and_swap(&e->full_at, before, after)) {
        atomic_fetch_add(&e->version, 1);
        return false;
    }
    if (before > l->left_at) l->left_at = before;
    unlink_entry(l, number, atomic_load_explicit(&e->key, memory_order_relaxed));
    return true;
}

/* An entry whose version is odd and that is in no chain, or NONE; *first_full: when one would be, then. */
static uint32_t new_entry(struct limiter *l, moment now, moment after, moment *first_full) {
    if (l->used < l->keys_max) {
        struct entry *e = &l->entries[l->used];
        e->full_at = after;
        atomic_init(&e->version, 1);
        return l->used++;
    }
    for (uint32_t i = 0; i < l->keys_max; i++) {
        if (++l->hand >= l->keys_max) l->hand = 0;
        if (vacate(l, l->hand, now, after)) return l->hand;
        moment full = full_at(&l->entries[l->hand]);
        if (full < *first_full) *first_full = full;
    }
    return NONE;
}

/* With the lock, for a key that has no entry. */
static bool take_new(struct limiter *l, uint64_t key, uint64_t cost, uint64_t now_ns, uint64_t *retry_after_ns) {
    moment now = (moment)now_ns * l->per_second, after, first_full = (moment)-1;
    if (!take(l, l->left_at, cost, now_ns, &after, retry_after_ns)) return false;
    uint32_t number = new_entry(l, now, after, &first_full);
    if (number != NONE)
        link_entry(l, number, key);
    else
        tell(retry_after_ns, first_full > now ? (first_full - now + l->per_second - 1) / l->per_second : 1);
    return number != NONE;
}

bool limiter_allow(struct limiter *l, uint64_t key, uint64_t cost, uint64_t now_ns, uint64_t *retry_after_ns) {
    bool allowed = cost == 0;
    if (allowed) tell(retry_after_ns, 0);
    if (allowed || take_known(l, key, cost, now_ns, retry_after_ns, &allowed)) return allowed;
    pthread_mutex_lock(&l->lock);
    if (!take_known(l, key, cost, now_ns, retry_after_ns, &allowed)) /* it may have come meanwhile */
        allowed = take_new(l, key, cost, now_ns, retry_after_ns);
    pthread_mutex_unlock(&l->lock);
    return allowed;
}

/* A ring of the last slots' counts; `newest` is the slot of the latest call. */
struct counts {
    uint64_t key, newest, total;
    uint64_t count[SLOTS];
    uint32_t next; /* in the hash's chain */
};

struct window {
    pthread_mutex_t lock;
    struct counts *counts;
    uint32_t *heads;
    uint64_t limit, slot_ns, latest_ns, mask;
    uint32_t used, keys_max;
};

struct window *window_new(uint64_t limit, uint64_t window_ns, size_t keys_max) {
    if (limit == 0 || window_ns == 0 || window_ns % 64 || keys_max == 0 || keys_max >= NONE) return NULL;
    uint64_t heads = 1;
    while (heads < keys_max) heads *= 2;
    struct window *w = calloc(1, sizeof *w);
    if (!w) return NULL;
    w->counts = calloc(keys_max, sizeof *w->counts);
    w->heads = malloc(heads * sizeof *w->heads);
    if (!w->counts || !w->heads || pthread_mutex_init(&w->lock, NULL) != 0) {
        free(w->counts), free(w->heads), free(w);
        return NULL;
    }
    for (uint64_t i = 0; i < heads; i++) w->heads[i] = NONE;
    w->limit = limit, w->slot_ns = window_ns / 64, w->mask = heads - 1, w->keys_max = (uint32_t)keys_max;
    return w;
}

void window_free(struct window *w) {
    if (!w) return;
    pthread_mutex_destroy(&w->lock);
    free(w->counts), free(w->heads), free(w);
}

/* Forgets the slots that have ended by `slot`. */
static void advance(struct counts *c, uint64_t slot) {
    for (int passed = 0; c->newest < slot && passed < SLOTS; passed++) {
        uint64_t *oldest = &c->count[++c->newest % SLOTS];
        c->total -= *oldest;
        *oldest = 0;
    }
    c->newest = slot;
}

/* The first slot in which fewer than `limit` calls count. */
static uint64_t free_again(const struct counts *c, uint64_t limit) {
    uint64_t left = c->total, oldest = c->newest >= 64 ? c->newest - 64 : 0;
    for (;; oldest++) {
        left -= c->count[oldest % SLOTS];
        if (left < limit) return oldest;
    }
}

static struct counts *counts_of(struct window *w, uint64_t key) {
    uint32_t at = w->heads[hash_of(key) & w->mask];
    while (at != NONE && w->counts[at].key != key) at = w->counts[at].next;
    return at == NONE ? NULL : &w->counts[at];
}

/* Takes a key's place away whose calls no longer count; *last: the first slot in which that was one's last, else. */
static struct counts *vacant(struct window *w, uint64_t slot, uint64_t *last) {
    if (w->used < w->keys_max) return &w->counts[w->used++];
    *last = UINT64_MAX;
    for (struct counts *c = w->counts; c < w->counts + w->keys_max; c++) {
        advance(c, slot);
        if (c->total > 0) {
            uint64_t end = free_again(c, 1);
            if (end < *last) *last = end;
            continue;
        }
        uint32_t *link = &w->heads[hash_of(c->key) & w->mask];
        while (*link != c - w->counts) link = &w->counts[*link].next;
        *link = c->next;
        return c;
    }
    return NULL;
}

static struct counts *new_counts(struct window *w, uint64_t key, uint64_t slot, uint64_t *last) {
    struct counts *c = vacant(w, slot, last);
    if (!c) return NULL;
    uint32_t *head = &w->heads[hash_of(key) & w->mask];
    c->key = key, c->newest = slot, c->next = *head;
    *head = (uint32_t)(c - w->counts);
    return c;
}

static bool count(struct window *w, uint64_t key, uint64_t slot, uint64_t *last) {
    struct counts *c = counts_of(w, key);
    if (!c) c = new_counts(w, key, slot, last);
    if (!c) return false;
    advance(c, slot);
    if (c->total >= w->limit) {
        *last = free_again(c, w->limit);
        return false;
    }
    c->count[slot % SLOTS]++;
    c->total++;
    return true;
}

bool window_allow(struct window *w, uint64_t key, uint64_t now_ns, uint64_t *retry_after_ns) {
    uint64_t last = 0;
    pthread_mutex_lock(&w->lock);
    if (now_ns > w->latest_ns) w->latest_ns = now_ns;
    bool allowed = count(w, key, w->latest_ns / w->slot_ns, &last);
    pthread_mutex_unlock(&w->lock);
    tell(retry_after_ns, allowed ? 0 : ((moment)last + SLOTS) * w->slot_ns - now_ns);
    return allowed;
}
