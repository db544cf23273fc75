/* SPDX-License-Identifier: MIT */
/* hazard.c -- epochs behind the same face: a reader says that it is there, and not what it looks at. What was retired
 * goes when all readers that were there have been away. It is quick, and one reader that stays keeps everything: the
 * lab draws it. */
#include "hazard.h"

#include <stdatomic.h>
#include <stdlib.h>

#define BETWEEN 32 /* retires, from one try to the next */

struct retired {
    void *object;
    void (*reclaim)(void *);
};

/* Grows without a limit: that is what is wrong with it. */
struct list {
    size_t count, room;
    struct retired *retired;
};

struct hp_thread {
    struct hp_domain *domain;
    atomic_bool attached;
    _Atomic uint64_t here; /* the epoch in which it came, plus one; 0: it is away */
    size_t slots_used;
    bool *used;
    struct list list[3];
    uint64_t epoch_of[3];
    size_t retires;
    bool trying;
};

struct hp_domain {
    size_t threads, slots_each;
    _Atomic uint64_t epoch;
    bool *used;
    struct hp_thread thread[];
};

struct hp_domain *hp_new(size_t threads_max, size_t slots_per_thread) {
    if (threads_max == 0 || slots_per_thread == 0 || slots_per_thread > 65536 / threads_max) return NULL;
    struct hp_domain *d = calloc(1, sizeof *d + threads_max * sizeof d->thread[0]);
    bool *used = calloc(threads_max * slots_per_thread, sizeof *used);
    if (!d || !used) {
        free(d), free(used);
        return NULL;
    }
    d->threads = threads_max, d->slots_each = slots_per_thread, d->used = used;
    for (size_t i = 0; i < threads_max; i++) d->thread[i].domain = d, d->thread[i].used = used + i * slots_per_thread;
    return d;
}

struct hp_thread *hp_attach(struct hp_domain *d) {
    for (struct hp_thread *t = d->thread; t < d->thread + d->threads; t++)
        if (!atomic_exchange(&t->attached, true)) return t;
    return NULL;
}

void hp_clear(struct hp_thread *me, size_t slot) {
    if (!me->used[slot]) return;
    me->used[slot] = false;
    if (--me->slots_used == 0) atomic_store_explicit(&me->here, 0, memory_order_release);
}

/* Only the first slot says anything to others: a reader of many objects pays for one fence. */
void *hp_protect(struct hp_thread *me, size_t slot, _Atomic(void *) const *from) {
    if (!me->used[slot]) {
        me->used[slot] = true;
        if (me->slots_used++ == 0) (void)atomic_exchange(&me->here, atomic_load(&me->domain->epoch) + 1);
    }
    return atomic_load(from);
}

static void empty(struct list *list) {
    while (list->count > 0) {
        struct retired r = list->retired[--list->count];
        r.reclaim(r.object);
    }
}

static bool advance(struct hp_domain *d) {
    uint64_t epoch = atomic_load(&d->epoch);
    for (size_t i = 0; i < d->threads; i++) {
        uint64_t here = atomic_load(&d->thread[i].here);
        if (here != 0 && here != epoch + 1) return false;
    }
    atomic_compare_exchange_strong(&d->epoch, &epoch, epoch + 1);
    return true;
}

/* What is two epochs old was out of its place before any reader came that is here now. */
static void reclaim_old(struct hp_thread *me) {
    uint64_t epoch = atomic_load(&me->domain->epoch);
    for (int i = 0; i < 3; i++)
        if (me->list[i].count > 0 && me->epoch_of[i] + 2 <= epoch) empty(&me->list[i]);
}

static void add(struct list *list, struct retired r) {
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 64;
        struct retired *more = realloc(list->retired, room * sizeof *more);
        if (!more) return; /* lost */
        list->retired = more, list->room = room;
    }
    list->retired[list->count++] = r;
}

void hp_retire(struct hp_thread *me, void *object, void (*reclaim)(void *)) {
    atomic_thread_fence(memory_order_seq_cst);
    uint64_t epoch = atomic_load(&me->domain->epoch);
    struct list *list = &me->list[epoch % 3];
    if (me->epoch_of[epoch % 3] != epoch && !me->trying) empty(list);
    me->epoch_of[epoch % 3] = epoch;
    add(list, (struct retired){object, reclaim});
    if (++me->retires % BETWEEN != 0 || me->trying) return;
    me->trying = true;
    (void)advance(me->domain); /* if not now, then later */
    reclaim_old(me);
    me->trying = false;
}

void hp_detach(struct hp_thread *me) {
    for (size_t i = 0; i < me->domain->slots_each; i++) hp_clear(me, i);
    atomic_store(&me->attached, false);
}

void hp_free(struct hp_domain *d) {
    if (!d) return;
    for (struct hp_thread *t = d->thread; t < d->thread + d->threads; t++)
        for (int i = 0; i < 3; i++) empty(&t->list[i]), free(t->list[i].retired);
    free(d->used), free(d);
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
    void *top = atomic_load(&s->top);
    node->value = value;
    do node->next = top;
    while (!atomic_compare_exchange_weak(&s->top, &top, node));
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
