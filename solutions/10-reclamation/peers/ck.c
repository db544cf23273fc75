/* SPDX-License-Identifier: MIT */
/* peer: Concurrency Kit (ck_stack, ck_hp)
 * package: libck-dev
 * libraries: -lck
 * metrics: both_4 tagged_4 values_4 reads_1
 *
 * ck_stack_push_mpmc and ck_stack_pop_mpmc, whose head is a pointer and a generation that change together (16 bytes),
 * for the slots; for the values the stack on ck's hazard pointers, ck_hp_stack.h. */
#include "hazard.h"
#include "tagged_stack.h"

#include <ck_hp.h>
#include <ck_hp_stack.h>
#include <ck_stack.h>
#include <stdalign.h>
#include <stdlib.h>

struct tagged_stack {
    alignas(64) ck_stack_t stack;
    uint32_t slots;
    ck_stack_entry_t slot[];
};

struct tagged_stack *tagged_new(uint32_t slots) {
    struct tagged_stack *s = aligned_alloc(64, (sizeof *s + slots * sizeof s->slot[0] + 63) / 64 * 64);
    ck_stack_init(&s->stack);
    s->slots = slots;
    return s;
}

bool tagged_push(struct tagged_stack *s, uint32_t slot) {
    ck_stack_push_mpmc(&s->stack, &s->slot[slot]);
    return true;
}

uint32_t tagged_pop(struct tagged_stack *s) {
    ck_stack_entry_t *entry = ck_stack_pop_mpmc(&s->stack);
    return entry ? (uint32_t)(entry - s->slot) : UINT32_MAX;
}

void tagged_free(struct tagged_stack *s) {
    free(s);
}

struct hp_domain {
    ck_hp_t hp;
};

struct hp_thread {
    ck_hp_record_t record;
    struct hp_domain *domain;
};

struct node {
    ck_stack_entry_t entry; /* first: the stack's pointers are the nodes' */
    ck_hp_hazard_t hazard;
    uint64_t value;
};

struct hp_stack {
    alignas(64) ck_stack_t stack;
};

struct hp_domain *hp_new(size_t threads_max, size_t slots_per_thread) {
    (void)threads_max, (void)slots_per_thread;
    struct hp_domain *d = malloc(sizeof *d);
    ck_hp_init(&d->hp, CK_HP_STACK_SLOTS_COUNT, 64, free);
    return d;
}

struct hp_thread *hp_attach(struct hp_domain *d) {
    struct hp_thread *me = aligned_alloc(64, (sizeof *me + 63) / 64 * 64);
    void **pointers = calloc(CK_HP_STACK_SLOTS_COUNT, sizeof *pointers);
    me->domain = d;
    ck_hp_register(&d->hp, &me->record, pointers);
    return me;
}

void hp_detach(struct hp_thread *me) {
    ck_hp_clear(&me->record); /* else two that detach wait for each other: each protects what the other one retired */
    ck_hp_purge(&me->record);
    ck_hp_unregister(&me->record); /* the record stays the domain's */
}

void hp_free(struct hp_domain *d) {
    (void)d; /* the process ends */
}

void *hp_protect(struct hp_thread *me, size_t slot, _Atomic(void *) const *from) {
    void *seen;
    do {
        seen = *from;
        ck_hp_set_fence(&me->record, (int)slot, seen);
    } while (seen != *from);
    return seen;
}

void hp_clear(struct hp_thread *me, size_t slot) {
    ck_hp_set(&me->record, (int)slot, NULL);
}

struct hp_stack *hp_stack_new(struct hp_domain *d) {
    (void)d;
    struct hp_stack *s = aligned_alloc(64, 64);
    ck_stack_init(&s->stack);
    return s;
}

bool hp_stack_push(struct hp_stack *s, struct hp_thread *me, uint64_t value) {
    (void)me;
    struct node *node = malloc(sizeof *node);
    node->value = value;
    ck_hp_stack_push_mpmc(&s->stack, &node->entry);
    return true;
}

bool hp_stack_pop(struct hp_stack *s, struct hp_thread *me, uint64_t *value) {
    struct node *node = (struct node *)ck_hp_stack_pop_mpmc(&me->record, &s->stack);
    if (!node) return false;
    *value = node->value;
    ck_hp_free(&me->record, &node->hazard, node, node);
    return true;
}

void hp_stack_free(struct hp_stack *s, struct hp_thread *me) {
    (void)me;
    free(s);
}
