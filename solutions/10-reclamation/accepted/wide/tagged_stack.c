/* SPDX-License-Identifier: MIT */
/* tagged_stack.c -- another right design: a pointer and a tag of 64 bits in one word of 16 bytes, which one instruction
 * compares and swaps. The two halves are loaded one after the other: what does not belong together is refused by
 * the compare-and-swap, and since no tag comes twice, the pair was there when its tag was loaded. */
#include "tagged_stack.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

typedef unsigned __int128 wide;

struct slot {
    struct slot *_Atomic next;
};

struct top {
    struct slot *_Atomic slot;
    _Atomic uint64_t tag;
};

struct tagged_stack {
    alignas(16) union {
        wide whole;
        struct top top;
    };
    uint32_t slots;
    struct slot slot[];
};

static wide pair(struct slot *slot, uint64_t tag) {
    return (wide)tag << 64 | (uintptr_t)slot;
}

struct tagged_stack *tagged_new(uint32_t slots) {
    if (slots == 0 || slots > UINT32_C(1) << 31) return NULL;
    size_t bytes = sizeof(struct tagged_stack) + (size_t)slots * sizeof(struct slot);
    struct tagged_stack *s = aligned_alloc(16, (bytes + 15) / 16 * 16);
    if (!s) return NULL;
    s->whole = 0;
    s->slots = slots;
    return s;
}

bool tagged_push(struct tagged_stack *s, uint32_t number) {
    if (number >= s->slots) return false;
    struct slot *slot = &s->slot[number], *below;
    uint64_t tag;
    do {
        below = atomic_load_explicit(&s->top.slot, memory_order_relaxed);
        tag = atomic_load_explicit(&s->top.tag, memory_order_relaxed);
        atomic_store_explicit(&slot->next, below, memory_order_relaxed);
    } while (!__sync_bool_compare_and_swap(&s->whole, pair(below, tag), pair(slot, tag + 1)));
    return true;
}

uint32_t tagged_pop(struct tagged_stack *s) {
    struct slot *slot, *next;
    uint64_t tag;
    do {
        slot = atomic_load_explicit(&s->top.slot, memory_order_acquire);
        tag = atomic_load_explicit(&s->top.tag, memory_order_acquire);
        if (!slot) return UINT32_MAX;
        next = atomic_load_explicit(&slot->next, memory_order_relaxed);
    } while (!__sync_bool_compare_and_swap(&s->whole, pair(slot, tag), pair(next, tag + 1)));
    return (uint32_t)(slot - s->slot);
}

void tagged_free(struct tagged_stack *s) {
    free(s);
}
