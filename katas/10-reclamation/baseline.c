/* SPDX-License-Identifier: MIT */
/* baseline.c -- both halves, the simple, correct, slow way: a mutex around a list, and the yardstick for throughput.
 *
 * Under the mutex nobody looks while another one takes a node out, so nothing comes back behind anybody's back, and a
 * retired object can be compared with all slots at rest. What it costs: a thread that is paused with the mutex
 * stops all others. The contract rules that out. */
#include "hazard.h"
#include "tagged_stack.h"

#include <pthread.h>
#include <stdlib.h>

#define NONE UINT32_MAX

struct tagged_stack {
    pthread_mutex_t lock;
    uint32_t slots, top;
    uint32_t next[];
};

struct tagged_stack *tagged_new(uint32_t slots) {
    if (slots == 0 || slots > UINT32_C(1) << 31) return NULL;
    struct tagged_stack *s = calloc(1, sizeof *s + (size_t)slots * sizeof s->next[0]);
    if (!s) return NULL;
    pthread_mutex_init(&s->lock, NULL); /* cannot fail with default attributes */
    s->slots = slots, s->top = NONE;
    return s;
}

bool tagged_push(struct tagged_stack *s, uint32_t slot) {
    if (slot >= s->slots) return false;
    pthread_mutex_lock(&s->lock);
    s->next[slot] = s->top;
    s->top = slot;
    pthread_mutex_unlock(&s->lock);
    return true;
}

uint32_t tagged_pop(struct tagged_stack *s) {
    pthread_mutex_lock(&s->lock);
    uint32_t slot = s->top;
    if (slot != NONE) s->top = s->next[slot];
    pthread_mutex_unlock(&s->lock);
    return slot;
}

void tagged_free(struct tagged_stack *s) {
    if (s) pthread_mutex_destroy(&s->lock);
    free(s);
}

struct retired {
    void *object;
    void (*reclaim)(void *);
};

struct hp_thread {
    struct hp_domain *domain;
    bool attached;
    void **slots;
};

struct hp_domain {
    pthread_mutex_t lock;
    size_t threads, slots_each, waiting, waiting_max;
    struct retired *retired; /* all that waits */
    void **slots;
    struct hp_thread thread[];
};

struct hp_domain *hp_new(size_t threads_max, size_t slots_per_thread) {
    if (threads_max == 0 || slots_per_thread == 0 || slots_per_thread > 65536 / threads_max) return NULL;
    size_t all = threads_max * slots_per_thread;
    struct hp_domain *d = calloc(1, sizeof *d + threads_max * sizeof d->thread[0]);
    void **slots = calloc(all, sizeof *slots);
    struct retired *retired = calloc(all + 64, sizeof *retired);
    if (!d || !slots || !retired) {
        free(d), free(slots), free(retired);
        return NULL;
    }
    pthread_mutex_init(&d->lock, NULL);
    d->threads = threads_max, d->slots_each = slots_per_thread;
    d->slots = slots, d->retired = retired, d->waiting_max = all + 64;
    for (size_t i = 0; i < threads_max; i++)
        d->thread[i] = (struct hp_thread){.domain = d, .slots = slots + i * slots_per_thread};
    return d;
}

struct hp_thread *hp_attach(struct hp_domain *d) {
    struct hp_thread *found = NULL;
    pthread_mutex_lock(&d->lock);
    for (size_t i = 0; i < d->threads && !found; i++)
        if (!d->thread[i].attached) found = &d->thread[i];
    if (found) found->attached = true;
    pthread_mutex_unlock(&d->lock);
    return found;
}

void hp_detach(struct hp_thread *me) {
    for (size_t i = 0; i < me->domain->slots_each; i++) hp_clear(me, i);
    pthread_mutex_lock(&me->domain->lock);
    me->attached = false;
    pthread_mutex_unlock(&me->domain->lock);
}

void *hp_protect(struct hp_thread *me, size_t slot, _Atomic(void *) const *from) {
    pthread_mutex_lock(&me->domain->lock);
    void *object = me->slots[slot] = *from;
    pthread_mutex_unlock(&me->domain->lock);
    return object;
}

void hp_clear(struct hp_thread *me, size_t slot) {
    pthread_mutex_lock(&me->domain->lock);
    me->slots[slot] = NULL;
    pthread_mutex_unlock(&me->domain->lock);
}

static bool protected(struct hp_domain *d, void *object) {
    for (size_t i = 0; i < d->threads * d->slots_each; i++)
        if (d->slots[i] == object) return true;
    return false;
}

/* Takes one object out that nothing protects, with the lock held. */
static bool take(struct hp_domain *d, struct retired *out) {
    for (size_t i = 0; i < d->waiting; i++) {
        if (protected(d, d->retired[i].object)) continue;
        *out = d->retired[i];
        d->retired[i] = d->retired[--d->waiting];
        return true;
    }
    return false;
}

/* A full list has 64 objects at least that nothing protects. */
void hp_retire(struct hp_thread *me, void *object, void (*reclaim)(void *)) {
    struct hp_domain *d = me->domain;
    struct retired out[64];
    size_t count = 0;
    pthread_mutex_lock(&d->lock);
    d->retired[d->waiting++] = (struct retired){object, reclaim};
    if (d->waiting == d->waiting_max)
        while (count < 64 && take(d, &out[count])) count++;
    pthread_mutex_unlock(&d->lock);
    for (size_t i = 0; i < count; i++) out[i].reclaim(out[i].object);
}

void hp_free(struct hp_domain *d) {
    if (!d) return;
    for (size_t i = 0; i < d->waiting; i++) d->retired[i].reclaim(d->retired[i].object);
    pthread_mutex_destroy(&d->lock);
    free(d->retired), free(d->slots), free(d);
}

struct node {
    struct node *next;
    uint64_t value;
};

struct hp_stack {
    pthread_mutex_t lock;
    struct node *top;
};

struct hp_stack *hp_stack_new(struct hp_domain *d) {
    (void)d;
    struct hp_stack *s = calloc(1, sizeof *s);
    if (s) pthread_mutex_init(&s->lock, NULL);
    return s;
}

bool hp_stack_push(struct hp_stack *s, struct hp_thread *me, uint64_t value) {
    (void)me;
    struct node *node = malloc(sizeof *node);
    if (!node) return false;
    node->value = value;
    pthread_mutex_lock(&s->lock);
    node->next = s->top;
    s->top = node;
    pthread_mutex_unlock(&s->lock);
    return true;
}

/* Nobody looks at a node outside of the lock: what is popped may be freed at once. */
bool hp_stack_pop(struct hp_stack *s, struct hp_thread *me, uint64_t *value) {
    hp_clear(me, 0);
    pthread_mutex_lock(&s->lock);
    struct node *node = s->top;
    if (node) s->top = node->next;
    pthread_mutex_unlock(&s->lock);
    if (node) *value = node->value;
    free(node);
    return node != NULL;
}

void hp_stack_free(struct hp_stack *s, struct hp_thread *me) {
    uint64_t value;
    if (!s) return;
    while (hp_stack_pop(s, me, &value)) continue;
    pthread_mutex_destroy(&s->lock);
    free(s);
}
