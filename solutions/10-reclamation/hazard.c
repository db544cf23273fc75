/* SPDX-License-Identifier: MIT */
/* hazard.c -- the reference: hazard pointers without retire lists; an object that is protected is passed to the slot
 * that protects it (Correia, Ramalhete and Felber, "pass the pointer").
 *
 * A retired object walks past all slots, once. Where a slot protects it, it is left there, in the slot's `passed`, and
 * what was left there before goes on in its place. An object that has passed the last slot is reclaimed. Whatever waits
 * is left at a slot, at most one at each, or in the hands of a thread: no list grows, and nobody's pause keeps much.
 *
 * Why once is enough: nobody can come to protect a retired object any more. A reader stores the pointer in its slot and
 * then looks whether it is still in its place; a retirer comes when it is not, and then looks at the slots. With a
 * seq_cst fence between the two steps of each, one of them sees the other. So a slot in which the object was not found
 * will never protect it, and the next one who has the object begins behind it.
 *
 * Records of retired objects come from one free list, a tagged stack as in the other half of this kata. There are as
 * many as may wait, and each thread keeps one to itself, so that the list is not on everybody's way. */
#include "hazard.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

#define CACHE_LINE 64
#define SLOTS_MAX 65536
#define PER_THREAD 64   /* objects in the hands of a thread: */
#define PENDING_MAX 60  /* these, its spare record, and one or two on their way past the slots */
#define NONE UINT32_MAX /* no record */

struct record {
    void *_Atomic object; /* atomic: a thread may look whose it no longer is, and then takes it back, or not */
    void (*reclaim)(void *);
    _Atomic uint32_t next; /* in the free list */
};

struct slot {
    void *_Atomic object;    /* protected; written by its thread alone */
    _Atomic uint32_t passed; /* a record whose object was protected here when it was left, or NONE */
};

/* A record that goes past the slots from `slot` on. */
struct walk {
    uint32_t record, slot;
};

struct hp_thread {
    alignas(CACHE_LINE) struct hp_domain *domain;
    atomic_bool attached;
    bool walking;   /* a call of hp_retire or hp_detach goes on: those in `reclaim` leave their object to it */
    uint32_t first; /* of its slots */
    uint32_t spare; /* a record, or NONE */
    uint32_t pending_count;
    struct walk pending[PENDING_MAX];
};

struct hp_domain {
    alignas(CACHE_LINE) _Atomic uint64_t free_records; /* tag << 32 | record */
    size_t threads, slots_each;
    uint32_t slots_all;
    struct slot *slots;
    struct record *records;
    struct hp_thread thread[];
};

/* The free list: see tagged_stack.c. A record is taken and given back with acquire and release, with all that was
 * written to it. */
static void give_back(struct hp_domain *d, uint32_t record) {
    uint64_t top = atomic_load_explicit(&d->free_records, memory_order_relaxed), pushed;
    do {
        atomic_store_explicit(&d->records[record].next, (uint32_t)top, memory_order_relaxed);
        pushed = ((top >> 32) + 1) << 32 | record;
    } while (!atomic_compare_exchange_weak_explicit(&d->free_records, &top, pushed, memory_order_release,
                                                    memory_order_relaxed));
}

/* There is always one: as many exist as may wait, and each that is not free is somewhere among these. */
static uint32_t take_record(struct hp_domain *d) {
    uint64_t top = atomic_load_explicit(&d->free_records, memory_order_acquire), below;
    do {
        uint32_t next = atomic_load_explicit(&d->records[(uint32_t)top].next, memory_order_relaxed);
        below = top >> 32 << 32 | next;
    } while (!atomic_compare_exchange_weak_explicit(&d->free_records, &top, below, memory_order_acquire,
                                                    memory_order_acquire));
    return (uint32_t)top;
}

static size_t rounded(size_t bytes) {
    return (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}

static void init(struct hp_domain *d, size_t records) {
    for (size_t i = 0; i < d->slots_all; i++) {
        atomic_init(&d->slots[i].object, NULL);
        atomic_init(&d->slots[i].passed, NONE);
    }
    for (size_t i = 0; i < d->threads; i++) {
        struct hp_thread *t = &d->thread[i];
        *t = (struct hp_thread){.domain = d, .first = (uint32_t)(i * d->slots_each), .spare = NONE};
    }
    for (size_t i = 0; i < records; i++) atomic_init(&d->records[i].next, i == 0 ? NONE : (uint32_t)i - 1);
    atomic_init(&d->free_records, records - 1);
}

struct hp_domain *hp_new(size_t threads_max, size_t slots_per_thread) {
    if (threads_max == 0 || slots_per_thread == 0 || slots_per_thread > SLOTS_MAX / threads_max) return NULL;
    size_t all = threads_max * slots_per_thread, records = all + PER_THREAD * threads_max;
    struct hp_domain *d = aligned_alloc(CACHE_LINE, rounded(sizeof *d + threads_max * sizeof d->thread[0]));
    struct slot *slots = aligned_alloc(CACHE_LINE, rounded(all * sizeof *slots));
    struct record *records_made = calloc(records, sizeof *records_made);
    if (!d || !slots || !records_made) {
        free(d), free(slots), free(records_made);
        return NULL;
    }
    d->threads = threads_max, d->slots_each = slots_per_thread, d->slots_all = (uint32_t)all;
    d->slots = slots, d->records = records_made;
    init(d, records);
    return d;
}

struct hp_thread *hp_attach(struct hp_domain *d) {
    for (struct hp_thread *t = d->thread; t < d->thread + d->threads; t++)
        /* Acquire: with what the last one has left in it, its spare record among it. */
        if (!atomic_exchange_explicit(&t->attached, true, memory_order_acquire)) return t;
    return NULL;
}

/* Release: what this thread did with the object comes before whatever a thread does that no longer finds it here. */
static void protect(struct hp_thread *me, size_t slot, void *object) {
    atomic_store_explicit(&me->domain->slots[me->first + slot].object, object, memory_order_release);
}

void hp_clear(struct hp_thread *me, size_t slot) {
    protect(me, slot, NULL);
}

void *hp_protect(struct hp_thread *me, size_t slot, _Atomic(void *) const *from) {
    void *seen = atomic_load_explicit(from, memory_order_relaxed), *before;
    do {
        before = seen;
        protect(me, slot, before);
        /* The store comes before the load, for everybody: no other order between the two would do, release and
         * acquire included. */
        atomic_thread_fence(memory_order_seq_cst);
        /* Acquire: the caller finds what was written before the object was put there. */
        seen = atomic_load_explicit(from, memory_order_acquire);
    } while (seen != before);
    return seen;
}

/* Acquire: the reader that was here before has done with its object. */
static void *protected_by(struct slot *slot) {
    return atomic_load_explicit(&slot->object, memory_order_acquire);
}

/* What was left at a slot goes on when it is not protected there any more. Whose record it is shows only after it was
 * taken; then that slot is looked at again. */
static void take_along(struct hp_thread *me, uint32_t at) {
    struct hp_domain *d = me->domain;
    struct slot *slot = &d->slots[at];
    uint32_t passed = atomic_load_explicit(&slot->passed, memory_order_acquire);
    if (passed == NONE || me->pending_count == PENDING_MAX) return;
    if (atomic_load_explicit(&d->records[passed].object, memory_order_relaxed) == protected_by(slot)) return;
    passed = atomic_exchange_explicit(&slot->passed, NONE, memory_order_acquire);
    if (passed != NONE) me->pending[me->pending_count++] = (struct walk){passed, at};
}

/* Leaves the object at a slot, or answers the record whose object nothing protects; NONE: it was left. */
static uint32_t pass_slots(struct hp_thread *me, struct walk walk) {
    struct hp_domain *d = me->domain;
    while (walk.slot < d->slots_all) {
        struct slot *slot = &d->slots[walk.slot];
        if (protected_by(slot) == atomic_load_explicit(&d->records[walk.record].object, memory_order_relaxed)) {
            /* Release what we know of the slots behind us; acquire what the other one knew. */
            walk.record = atomic_exchange_explicit(&slot->passed, walk.record, memory_order_acq_rel);
            if (walk.record == NONE) return NONE;
            continue; /* the other one may be protected here, too: again */
        }
        take_along(me, walk.slot++);
    }
    return walk.record;
}

/* The record is free before `reclaim` runs, which may well retire something. */
static void reclaim(struct hp_thread *me, uint32_t record) {
    struct hp_domain *d = me->domain;
    void *object = atomic_load_explicit(&d->records[record].object, memory_order_relaxed);
    void (*how)(void *) = d->records[record].reclaim;
    if (me->spare == NONE)
        me->spare = record;
    else
        give_back(d, record);
    how(object);
}

static void walk_past(struct hp_thread *me, struct walk walk) {
    uint32_t record = pass_slots(me, walk);
    if (record != NONE) reclaim(me, record);
}

static void walk_all(struct hp_thread *me) {
    while (me->pending_count > 0) walk_past(me, me->pending[--me->pending_count]);
}

void hp_retire(struct hp_thread *me, void *object, void (*how)(void *)) {
    uint32_t record = me->spare == NONE ? take_record(me->domain) : me->spare;
    me->spare = NONE;
    atomic_store_explicit(&me->domain->records[record].object, object, memory_order_relaxed);
    me->domain->records[record].reclaim = how;
    /* The object was taken out of its place before the slots are looked at, for everybody: see hp_protect. */
    atomic_thread_fence(memory_order_seq_cst);
    struct walk walk = {record, 0};
    if (!me->walking) {
        me->walking = true;
        walk_past(me, walk);
        walk_all(me);
        me->walking = false;
    } else if (me->pending_count < PENDING_MAX)
        me->pending[me->pending_count++] = walk; /* a chain takes no more stack than its first object */
    else
        walk_past(me, walk);
}

void hp_detach(struct hp_thread *me) {
    struct hp_domain *d = me->domain;
    me->walking = true;
    for (uint32_t i = 0; i < d->slots_each; i++) {
        hp_clear(me, i);
        take_along(me, me->first + i);
        walk_all(me);
    }
    me->walking = false;
    atomic_store_explicit(&me->attached, false, memory_order_release);
}

void hp_free(struct hp_domain *d) {
    if (!d) return;
    for (uint32_t i = 0; i < d->slots_all; i++) {
        uint32_t left = atomic_load_explicit(&d->slots[i].passed, memory_order_acquire);
        if (left == NONE) continue;
        d->records[left].reclaim(atomic_load_explicit(&d->records[left].object, memory_order_relaxed));
    }
    free(d->records), free(d->slots), free(d);
}

struct node {
    struct node *next; /* written before the node is on the stack, and not after */
    uint64_t value;
};

struct hp_stack {
    _Atomic(void *) top;
};

struct hp_stack *hp_stack_new(struct hp_domain *d) {
    (void)d;
    struct hp_stack *s = malloc(sizeof *s);
    if (s) atomic_init(&s->top, NULL);
    return s;
}

bool hp_stack_push(struct hp_stack *s, struct hp_thread *me, uint64_t value) {
    (void)me; /* a push reads nothing through a pointer, so the same top may be another node by now */
    struct node *node = malloc(sizeof *node);
    if (!node) return false;
    node->value = value;
    void *top = atomic_load_explicit(&s->top, memory_order_relaxed);
    do node->next = top;
    while (!atomic_compare_exchange_weak_explicit(&s->top, &top, node, memory_order_release, memory_order_relaxed));
    return true;
}

bool hp_stack_pop(struct hp_stack *s, struct hp_thread *me, uint64_t *value) {
    struct node *node;
    for (;;) {
        node = hp_protect(me, 0, &s->top);
        if (!node) break;
        /* The node is protected, so it can't be freed and come back: a top that is still this node has this `next`. */
        void *top = node;
        if (atomic_compare_exchange_strong_explicit(&s->top, &top, node->next, memory_order_acquire,
                                                    memory_order_relaxed))
            break;
    }
    if (node) *value = node->value;
    hp_clear(me, 0);
    if (node) hp_retire(me, node, free);
    return node != NULL;
}

void hp_stack_free(struct hp_stack *s, struct hp_thread *me) {
    (void)me; /* nobody else looks */
    if (!s) return;
    for (struct node *node = atomic_load_explicit(&s->top, memory_order_acquire), *next; node; node = next) {
        next = node->next;
        free(node);
    }
    free(s);
}
