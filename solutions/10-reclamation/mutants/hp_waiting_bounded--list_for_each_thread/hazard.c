/* SPDX-License-Identifier: MIT */
/* hazard.c -- Michael's hazard pointers, as the paper has them: each thread has a list of what it has retired, and
 * looks at all slots when the list is long. What was protected then stays in the list until that thread looks again; so
 * each of the threads may keep as many objects as there are slots, and for ever, if it retires nothing more. */
#include "hazard.h"

#include <stdatomic.h>
#include <stdlib.h>

struct retired {
    void *object;
    void (*reclaim)(void *);
};

struct list {
    size_t count;
    struct retired *retired;
};

struct hp_thread {
    struct hp_domain *domain;
    atomic_bool attached;
    void *_Atomic *slots;
    struct list list;
    void **seen; /* by the last look at all slots, in order */
    bool looking;
};

struct hp_domain {
    size_t threads, slots_each, all;
    void *_Atomic *slots;
    struct hp_thread thread[];
};

static void end(struct hp_domain *d) {
    for (size_t i = 0; i < d->threads; i++) free(d->thread[i].list.retired), free(d->thread[i].seen);
    free(d->slots), free(d);
}

struct hp_domain *hp_new(size_t threads_max, size_t slots_per_thread) {
    if (threads_max == 0 || slots_per_thread == 0 || slots_per_thread > 65536 / threads_max) return NULL;
    struct hp_domain *d = calloc(1, sizeof *d + threads_max * sizeof d->thread[0]);
    if (!d) return NULL;
    *d = (struct hp_domain){threads_max, slots_per_thread, threads_max * slots_per_thread, NULL};
    d->slots = calloc(d->all, sizeof *d->slots);
    bool made = d->slots != NULL;
    for (size_t i = 0; i < threads_max; i++) {
        struct hp_thread *t = &d->thread[i];
        t->domain = d, t->slots = d->slots ? d->slots + i * slots_per_thread : NULL;
        t->list.retired = malloc((d->all + 64) * sizeof *t->list.retired);
        t->seen = malloc(d->all * sizeof *t->seen);
        made &= t->list.retired && t->seen;
    }
    if (made) return d;
    end(d);
    return NULL;
}

struct hp_thread *hp_attach(struct hp_domain *d) {
    for (struct hp_thread *t = d->thread; t < d->thread + d->threads; t++)
        if (!atomic_exchange(&t->attached, true)) return t;
    return NULL;
}

void hp_clear(struct hp_thread *me, size_t slot) {
    atomic_store_explicit(&me->slots[slot], NULL, memory_order_release);
}

void *hp_protect(struct hp_thread *me, size_t slot, _Atomic(void *) const *from) {
    void *seen = atomic_load(from), *before;
    do {
        before = seen;
        (void)atomic_exchange(&me->slots[slot], before);
        seen = atomic_load(from);
    } while (seen != before);
    return seen;
}

static int by_address(const void *one, const void *other) {
    uintptr_t a = (uintptr_t)*(void *const *)one, b = (uintptr_t)*(void *const *)other;
    return (a > b) - (a < b);
}

static bool is_protected(struct hp_thread *me, size_t seen, void *object) {
    size_t low = 0, high = seen;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if ((uintptr_t)me->seen[middle] < (uintptr_t)object)
            low = middle + 1;
        else
            high = middle;
    }
    return low < seen && me->seen[low] == object;
}

static void sort(void **from, size_t count) {
    for (size_t gap = count / 2; gap > 0; gap /= 2)
        for (size_t i = gap; i < count; i++)
            for (size_t j = i; j >= gap && by_address(&from[j - gap], &from[j]) > 0; j -= gap) {
                void *other = from[j];
                from[j] = from[j - gap], from[j - gap] = other;
            }
}

static void look(struct hp_thread *me) {
    struct hp_domain *d = me->domain;
    size_t seen = 0;
    me->looking = true;
    atomic_thread_fence(memory_order_seq_cst);
    for (size_t i = 0; i < d->all; i++) {
        void *object = atomic_load_explicit(&d->slots[i], memory_order_acquire);
        if (object) me->seen[seen++] = object;
    }
    sort(me->seen, seen);
    for (size_t i = 0; i < me->list.count;) {
        struct retired r = me->list.retired[i];
        if (is_protected(me, seen, r.object)) {
            i++;
            continue;
        }
        me->list.retired[i] = me->list.retired[--me->list.count];
        r.reclaim(r.object);
    }
    me->looking = false;
}

void hp_retire(struct hp_thread *me, void *object, void (*reclaim)(void *)) {
    if (me->list.count == me->domain->all + 64) {
        reclaim(object); /* only from inside of `look`, and never in what is tried here */
        return;
    }
    me->list.retired[me->list.count++] = (struct retired){object, reclaim};
    if (me->list.count == me->domain->all + 64 && !me->looking) look(me);
}

/* The list stays in its place, for the next one who gets it, or hp_free. */
void hp_detach(struct hp_thread *me) {
    for (size_t i = 0; i < me->domain->slots_each; i++) hp_clear(me, i);
    look(me);
    atomic_store(&me->attached, false);
}

void hp_free(struct hp_domain *d) {
    if (!d) return;
    for (struct hp_thread *t = d->thread; t < d->thread + d->threads; t++)
        for (size_t i = 0; i < t->list.count; i++) t->list.retired[i].reclaim(t->list.retired[i].object);
    end(d);
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
