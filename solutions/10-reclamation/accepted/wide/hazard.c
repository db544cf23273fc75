/* SPDX-License-Identifier: MIT */
/* hazard.c -- another right design: what waits at a slot is the object and its function themselves, 16 bytes that are
 * swapped as one. There are no records, and no free list. */
#include "hazard.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

#define PENDING_MAX 62

typedef unsigned __int128 wide;

struct retired {
    void *object; /* NULL: none */
    void (*reclaim)(void *);
};

struct slot {
    alignas(16) union {
        wide whole;
        struct {
            void *_Atomic object;
            _Atomic uintptr_t reclaim;
        } waits;
    };
    void *_Atomic object;
};

struct walk {
    struct retired retired;
    size_t from;
};

struct hp_thread {
    struct hp_domain *domain;
    struct slot *slots;
    atomic_flag taken;
    bool walking;
    size_t pending_count;
    struct walk pending[PENDING_MAX];
};

struct hp_domain {
    size_t threads, slots_each, all;
    struct slot *slots;
    struct hp_thread thread[];
};

static wide whole(struct retired r) {
    return (wide)(uintptr_t)r.reclaim << 64 | (uintptr_t)r.object;
}

static struct retired parts(wide w) {
    return (struct retired){(void *)(uintptr_t)w, (void (*)(void *))(uintptr_t)(w >> 64)};
}

struct hp_domain *hp_new(size_t threads_max, size_t slots_per_thread) {
    if (threads_max == 0 || slots_per_thread == 0 || threads_max > 65536 || slots_per_thread > 65536) return NULL;
    size_t all = threads_max * slots_per_thread;
    if (all > 65536) return NULL;
    struct hp_domain *d = calloc(1, sizeof *d + threads_max * sizeof d->thread[0]);
    struct slot *slots = aligned_alloc(16, all * sizeof *slots);
    if (!d || !slots) {
        free(d), free(slots);
        return NULL;
    }
    *d = (struct hp_domain){threads_max, slots_per_thread, all, slots};
    for (size_t i = 0; i < all; i++) {
        slots[i].whole = 0;
        atomic_init(&slots[i].object, NULL);
    }
    for (size_t i = 0; i < threads_max; i++) {
        d->thread[i].domain = d;
        d->thread[i].slots = slots + i * slots_per_thread;
        atomic_flag_clear(&d->thread[i].taken);
    }
    return d;
}

struct hp_thread *hp_attach(struct hp_domain *d) {
    for (size_t i = 0; i < d->threads; i++)
        if (!atomic_flag_test_and_set(&d->thread[i].taken)) return &d->thread[i];
    return NULL;
}

void hp_clear(struct hp_thread *me, size_t slot) {
    atomic_store_explicit(&me->slots[slot].object, NULL, memory_order_release);
}

/* The exchange is the barrier between the store and the load behind it, where that load is seq_cst, too. */
void *hp_protect(struct hp_thread *me, size_t slot, _Atomic(void *) const *from) {
    void *seen = atomic_load(from), *before;
    do {
        before = seen;
        (void)atomic_exchange(&me->slots[slot].object, before);
        seen = atomic_load(from);
    } while (seen != before);
    return seen;
}

static struct retired swapped(struct slot *slot, struct retired new) {
    wide before = 0, seen;
    while ((seen = __sync_val_compare_and_swap(&slot->whole, before, whole(new))) != before) before = seen;
    return parts(before);
}

/* What waits here for nothing goes on later. */
static void collect(struct hp_thread *me, size_t at) {
    struct slot *slot = &me->domain->slots[at];
    void *waits = atomic_load_explicit(&slot->waits.object, memory_order_relaxed);
    if (!waits || waits == atomic_load_explicit(&slot->object, memory_order_acquire)) return;
    if (me->pending_count == PENDING_MAX) return;
    struct retired r = swapped(slot, (struct retired){0});
    if (r.object) me->pending[me->pending_count++] = (struct walk){r, at};
}

static void go(struct hp_thread *me, struct walk walk) {
    struct hp_domain *d = me->domain;
    while (walk.from < d->all) {
        struct slot *slot = &d->slots[walk.from];
        if (atomic_load_explicit(&slot->object, memory_order_acquire) == walk.retired.object) {
            walk.retired = swapped(slot, walk.retired);
            if (!walk.retired.object) return;
        } else
            collect(me, walk.from++);
    }
    walk.retired.reclaim(walk.retired.object);
}

static void go_all(struct hp_thread *me) {
    while (me->pending_count > 0) go(me, me->pending[--me->pending_count]);
}

void hp_retire(struct hp_thread *me, void *object, void (*reclaim)(void *)) {
    struct walk walk = {{object, reclaim}, 0};
    atomic_thread_fence(memory_order_seq_cst);
    if (me->walking && me->pending_count < PENDING_MAX) {
        me->pending[me->pending_count++] = walk;
        return;
    }
    bool outer = !me->walking;
    me->walking = true;
    go(me, walk);
    if (!outer) return;
    go_all(me);
    me->walking = false;
}

void hp_detach(struct hp_thread *me) {
    me->walking = true;
    for (size_t i = 0; i < me->domain->slots_each; i++) {
        hp_clear(me, i);
        collect(me, (size_t)(me->slots - me->domain->slots) + i);
        go_all(me);
    }
    me->walking = false;
    atomic_flag_clear(&me->taken);
}

void hp_free(struct hp_domain *d) {
    if (!d) return;
    for (size_t i = 0; i < d->all; i++) {
        struct retired left = parts(d->slots[i].whole);
        if (left.object) left.reclaim(left.object);
    }
    free(d->slots), free(d);
}

struct node {
    struct node *next;
    uint64_t value;
};

struct hp_stack {
    _Atomic(void *) top;
};

struct hp_stack *hp_stack_new(struct hp_domain *d) {
    (void)d;
    return calloc(1, sizeof(struct hp_stack));
}

bool hp_stack_push(struct hp_stack *s, struct hp_thread *me, uint64_t value) {
    (void)me;
    struct node *node = malloc(sizeof *node);
    if (!node) return false;
    *node = (struct node){atomic_load(&s->top), value};
    void *top = node->next;
    while (!atomic_compare_exchange_weak(&s->top, &top, node)) node->next = top;
    return true;
}

bool hp_stack_pop(struct hp_stack *s, struct hp_thread *me, uint64_t *value) {
    for (struct node *node; (node = hp_protect(me, 0, &s->top));) {
        void *top = node;
        if (!atomic_compare_exchange_strong(&s->top, &top, node->next)) continue;
        *value = node->value;
        hp_clear(me, 0);
        hp_retire(me, node, free);
        return true;
    }
    return false;
}

void hp_stack_free(struct hp_stack *s, struct hp_thread *me) {
    uint64_t value;
    if (!s) return;
    while (hp_stack_pop(s, me, &value)) continue;
    free(s);
}
