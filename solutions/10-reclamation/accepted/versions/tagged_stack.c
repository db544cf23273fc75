/* SPDX-License-Identifier: MIT */
/* tagged_stack.c -- another right design: the tag is the slot's own. Who pushes a slot counts how often that one was
 * pushed, and puts the count beside its number. Only the owner touches the count, so it is plain memory. */
#include "tagged_stack.h"

#include <stdatomic.h>
#include <stdlib.h>

#define EMPTY UINT64_MAX

struct slot {
    uint32_t version; /* the owner's */
    _Atomic uint64_t below;
};

struct tagged_stack {
    _Atomic uint64_t top; /* version << 32 | slot, or EMPTY */
    uint32_t slots;
    struct slot slot[];
};

struct tagged_stack *tagged_new(uint32_t slots) {
    if (slots == 0 || slots > UINT32_C(1) << 31) return NULL;
    struct tagged_stack *s = calloc(1, sizeof *s + (size_t)slots * sizeof s->slot[0]);
    if (!s) return NULL;
    s->slots = slots;
    atomic_init(&s->top, EMPTY);
    return s;
}

bool tagged_push(struct tagged_stack *s, uint32_t number) {
    if (number >= s->slots) return false;
    struct slot *slot = &s->slot[number];
    uint64_t top = atomic_load(&s->top), own = (uint64_t)++slot->version << 32 | number;
    do atomic_store(&slot->below, top);
    while (!atomic_compare_exchange_weak(&s->top, &top, own));
    return true;
}

/* What is below the top has its own version with it: it is as it was when this one was pushed upon it. */
uint32_t tagged_pop(struct tagged_stack *s) {
    uint64_t top = atomic_load(&s->top);
    while (top != EMPTY) {
        uint64_t below = atomic_load(&s->slot[(uint32_t)top].below);
        if (atomic_compare_exchange_weak(&s->top, &top, below)) return (uint32_t)top;
    }
    return UINT32_MAX;
}

void tagged_free(struct tagged_stack *s) {
    free(s);
}
