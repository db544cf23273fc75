/* SPDX-License-Identifier: MIT */
/* spin_and_yield.c -- no lock of the system's: a spin lock around the table,
 * which is held for a few instructions, and waiting by yielding. Values lie in one
 * array; who leaves is the first idle one after a pseudo-random place. The rule
 * is turned round: is the draw below the probability of a refresh? */
#include "xfetch.h"

#include <math.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#define NOBODY SIZE_MAX

/* Counted by those who look at it: the last one frees it. */
struct flight {
    uint64_t key, value;
    enum xfetch_result result;
    atomic_bool landed;
    size_t holders;
    struct flight *next;
};

struct slot {
    uint64_t key, value;
    double expiry_s, delta_s;
    size_t next;
};

struct xfetch_cache {
    struct xfetch_env env;
    double beta;
    size_t capacity, used, chains;
    uint64_t dice;
    struct slot *slots;
    size_t *heads;
    struct flight *flights;
    atomic_flag busy;
};

bool xfetch_due(double now_s, double expiry_s, double delta_s, double beta, double uniform) {
    double left_s = expiry_s - now_s;
    if (now_s >= expiry_s) return true;
    if (!(left_s > 0) || !(delta_s >= 0) || !(beta >= 0) || !(uniform >= 0)) return false;
    return uniform == 0 || uniform <= exp(-left_s / (delta_s * beta));
}

struct xfetch_cache *xfetch_new(size_t capacity, double beta, struct xfetch_env env) {
    if (capacity == 0 || capacity > SIZE_MAX / sizeof(struct slot)) return NULL;
    struct xfetch_cache *c = malloc(sizeof *c);
    struct slot *slots = malloc(capacity * sizeof *slots);
    size_t *heads = malloc(capacity * sizeof *heads);
    if (!c || !slots || !heads) {
        free(c), free(slots), free(heads);
        return NULL;
    }
    *c = (struct xfetch_cache){env,   beta, capacity,        0, capacity, 88172645463325252u, slots,
                               heads, NULL, ATOMIC_FLAG_INIT};
    for (size_t i = 0; i < capacity; i++) heads[i] = NOBODY;
    return c;
}

static void lock(struct xfetch_cache *c) {
    while (atomic_flag_test_and_set_explicit(&c->busy, memory_order_acquire)) sched_yield();
}

static void unlock(struct xfetch_cache *c) {
    atomic_flag_clear_explicit(&c->busy, memory_order_release);
}

static size_t *head_of(struct xfetch_cache *c, uint64_t key) {
    key = (key ^ key >> 32) * 0xd6e8feb86659fd93u;
    key = (key ^ key >> 32) * 0xd6e8feb86659fd93u;
    return &c->heads[(key ^ key >> 32) % c->chains];
}

static size_t *link_of(struct xfetch_cache *c, uint64_t key) {
    size_t *link = head_of(c, key);
    while (*link != NOBODY && c->slots[*link].key != key) link = &c->slots[*link].next;
    return link;
}

static struct flight *find_flight(struct xfetch_cache *c, uint64_t key) {
    struct flight *f = c->flights;
    while (f && f->key != key) f = f->next;
    return f;
}

static size_t free_slot(struct xfetch_cache *c) {
    if (c->used < c->capacity) return c->used++;
    c->dice ^= c->dice << 13, c->dice ^= c->dice >> 7, c->dice ^= c->dice << 17;
    for (size_t i = 0; i < c->capacity; i++) {
        size_t at = (c->dice % c->capacity + i) % c->capacity;
        if (find_flight(c, c->slots[at].key)) continue;
        *link_of(c, c->slots[at].key) = c->slots[at].next;
        return at;
    }
    return NOBODY;
}

static void keep(struct xfetch_cache *c, const struct slot *brought) {
    size_t at = *link_of(c, brought->key);
    size_t next = at == NOBODY ? NOBODY : c->slots[at].next;
    if (at == NOBODY) {
        if ((at = free_slot(c)) == NOBODY) return;
        size_t *head = head_of(c, brought->key);
        next = *head;
        *head = at;
    }
    c->slots[at] = *brought;
    c->slots[at].next = next;
}

static void let_go(struct xfetch_cache *c, struct flight *f) {
    lock(c);
    bool last = --f->holders == 0;
    unlock(c);
    if (last) free(f);
}

static void land(struct xfetch_cache *c, struct flight *f, bool loaded, const struct slot *brought, double now_s) {
    lock(c);
    if (loaded) keep(c, brought);
    size_t at = *link_of(c, f->key);
    const struct slot *slot = loaded ? brought : at == NOBODY ? NULL : &c->slots[at];
    f->result = loaded || (slot && now_s < slot->expiry_s) ? XFETCH_FRESH : slot ? XFETCH_STALE : XFETCH_FAILED;
    if (slot) f->value = slot->value;
    struct flight **link = &c->flights;
    while (*link != f) link = &(*link)->next;
    *link = f->next;
    unlock(c);
    atomic_store_explicit(&f->landed, true, memory_order_release); /* result and value, for those who spin */
}

static void fly(struct xfetch_cache *c, struct flight *f) {
    struct slot brought = {.key = f->key};
    double ttl_s, begun_s = c->env.now_s(c->env.world);
    bool loaded = c->env.load(c->env.world, f->key, &brought.value, &ttl_s);
    double ended_s = c->env.now_s(c->env.world);
    brought.delta_s = ended_s - begun_s;
    brought.expiry_s = loaded && ttl_s > 0 ? ended_s + ttl_s : ended_s;
    land(c, f, loaded, &brought, ended_s);
}

/* With the lock held, which is let go. */
static enum xfetch_result join_or_fly(struct xfetch_cache *c, uint64_t key, uint64_t *value) {
    struct flight *f = find_flight(c, key);
    bool leads = !f;
    if (leads && (f = malloc(sizeof *f))) {
        *f = (struct flight){.key = key, .next = c->flights};
        atomic_init(&f->landed, false);
        c->flights = f;
    }
    if (f) f->holders++;
    unlock(c);
    if (!f) return XFETCH_FAILED;
    if (leads) fly(c, f);
    while (!atomic_load_explicit(&f->landed, memory_order_acquire)) sched_yield();
    enum xfetch_result result = f->result;
    if (result != XFETCH_FAILED) *value = f->value;
    let_go(c, f);
    return result;
}

enum xfetch_result xfetch_get(struct xfetch_cache *c, uint64_t key, uint64_t *value) {
    double now_s = c->env.now_s(c->env.world), drawn = c->env.uniform(c->env.world);
    lock(c);
    size_t at = *link_of(c, key);
    const struct slot *slot = at == NOBODY ? NULL : &c->slots[at];
    /* The clock may have moved on while this thread waited for the lock, and the
     * value may be new: by the old look it is live all the same. */
    bool live = slot && now_s < slot->expiry_s;
    bool due = live && xfetch_due(now_s, slot->expiry_s, slot->delta_s, c->beta, drawn);
    if (live && (!due || find_flight(c, key))) {
        *value = slot->value;
        unlock(c);
        return XFETCH_FRESH;
    }
    return join_or_fly(c, key, value);
}

void xfetch_free(struct xfetch_cache *c) {
    if (!c) return;
    free(c->slots);
    free(c->heads);
    free(c);
}
