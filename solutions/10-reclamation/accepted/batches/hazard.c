/* SPDX-License-Identifier: MIT */
/* hazard.c -- batches (after "pass the buck", Herlihy, Luchangco and Moir, 2002): what a handle retires is collected,
 * and goes past the slots together. What a slot protects is left there, in one step with its function, in exchange for
 * what was left there before; that goes on with the batch. */
#include "hazard.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

#define SLOTS_MAX 65536
#define COLLECTED 16
#define BATCH 40

typedef unsigned __int128 wide;

struct retired {
    void *object; /* NULL: none */
    void (*reclaim)(void *);
};

struct slot {
    alignas(16) wide left;
    void *_Atomic object;
};

struct hp_thread {
    struct hp_domain *domain;
    struct slot *slots;
    _Atomic bool attached;
    bool at_work;
    size_t collected;
    struct retired list[COLLECTED];
};

struct hp_domain {
    size_t threads, slots_each, all;
    struct slot *slots;
    struct hp_thread thread[];
};

static wide whole(struct retired r) {
    return (wide)(uintptr_t)r.reclaim << 64 | (uintptr_t)r.object;
}

static struct retired exchange(struct slot *slot, struct retired new) {
    wide before = 0, seen;
    while ((seen = __sync_val_compare_and_swap(&slot->left, before, whole(new))) != before) before = seen;
    return (struct retired){(void *)(uintptr_t)before, (void (*)(void *))(uintptr_t)(before >> 64)};
}

struct hp_domain *hp_new(size_t threads_max, size_t slots_per_thread) {
    if (threads_max == 0 || slots_per_thread == 0 || slots_per_thread > SLOTS_MAX / threads_max) return NULL;
    size_t all = threads_max * slots_per_thread;
    struct hp_domain *d = calloc(1, sizeof *d + threads_max * sizeof d->thread[0]);
    struct slot *slots = aligned_alloc(16, all * sizeof *slots);
    if (!d || !slots) {
        free(d), free(slots);
        return NULL;
    }
    d->threads = threads_max, d->slots_each = slots_per_thread, d->all = all, d->slots = slots;
    for (size_t i = 0; i < all; i++) slots[i].left = 0, atomic_init(&slots[i].object, NULL);
    for (size_t i = 0; i < threads_max; i++) d->thread[i].domain = d, d->thread[i].slots = slots + i * slots_per_thread;
    return d;
}

struct hp_thread *hp_attach(struct hp_domain *d) {
    for (size_t i = 0; i < d->threads; i++) {
        bool no = false;
        if (atomic_compare_exchange_strong(&d->thread[i].attached, &no, true)) return &d->thread[i];
    }
    return NULL;
}

void hp_clear(struct hp_thread *me, size_t slot) {
    atomic_store_explicit(&me->slots[slot].object, NULL, memory_order_release);
}

void *hp_protect(struct hp_thread *me, size_t slot, _Atomic(void *) const *from) {
    for (;;) {
        void *seen = atomic_load_explicit(from, memory_order_acquire);
        atomic_store_explicit(&me->slots[slot].object, seen, memory_order_release);
        atomic_thread_fence(memory_order_seq_cst);
        if (seen == atomic_load_explicit(from, memory_order_acquire)) return seen;
    }
}

static size_t place_of(struct retired *batch, size_t count, const void *object) {
    size_t at = 0;
    while (at < count && batch[at].object != object) at++;
    return at;
}

/* At this slot: what it protects stays, what it protects no more comes along. */
static size_t at_slot(struct slot *slot, struct retired *batch, size_t count) {
    for (;;) {
        void *protected = atomic_load_explicit(&slot->object, memory_order_acquire);
        size_t at = protected ? place_of(batch, count, protected) : count;
        if (at < count) {
            struct retired before = exchange(slot, batch[at]);
            batch[at] = before.object ? before : batch[--count];
            if (before.object) continue; /* it may be protected here, too, by now */
            return count;
        }
        void *left = atomic_load_explicit((void *_Atomic *)(void *)&slot->left, memory_order_relaxed);
        if (!left || left == protected || count == BATCH) return count;
        struct retired before = exchange(slot, (struct retired){0});
        if (!before.object) return count;
        batch[count++] = before;
    }
}

static void pass(struct hp_domain *d, struct retired *batch, size_t count) {
    atomic_thread_fence(memory_order_seq_cst);
    for (struct slot *slot = d->slots; slot < d->slots + d->all; slot++) count = at_slot(slot, batch, count);
    while (count > 0) count--, batch[count].reclaim(batch[count].object);
}

static void pass_all(struct hp_thread *me) {
    struct retired batch[BATCH];
    me->at_work = true;
    do {
        size_t count = me->collected;
        for (size_t i = 0; i < count; i++) batch[i] = me->list[i];
        me->collected = 0;
        pass(me->domain, batch, count);
    } while (me->collected > 0);
    me->at_work = false;
}

void hp_retire(struct hp_thread *me, void *object, void (*reclaim)(void *)) {
    if (me->collected == COLLECTED) { /* inside of `reclaim`, which retires very many */
        struct retired one[BATCH] = {{object, reclaim}};
        pass(me->domain, one, 1);
        return;
    }
    me->list[me->collected++] = (struct retired){object, reclaim};
    if (!me->at_work && me->collected == COLLECTED) pass_all(me);
}

void hp_detach(struct hp_thread *me) {
    for (size_t i = 0; i < me->domain->slots_each; i++) hp_clear(me, i);
    pass_all(me);
    atomic_store(&me->attached, false);
}

void hp_free(struct hp_domain *d) {
    if (!d) return;
    for (size_t i = 0; i < d->all; i++) {
        struct retired r = exchange(&d->slots[i], (struct retired){0});
        if (r.object) r.reclaim(r.object);
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
