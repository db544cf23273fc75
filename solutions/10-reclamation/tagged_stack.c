/* SPDX-License-Identifier: MIT */
/* tagged_stack.c -- the reference: a linked list of numbers, whose top carries a tag.
 *
 * A pop reads the top slot and what is below it, and then swaps the one for the other. Between the two, the slot may be
 * popped by others and pushed again, on top of something else: the compare-and-swap would find the number that it
 * expects, and put a slot on top that is not below any more. So the top has a tag beside it that every push makes
 * another one. A top that was there before never comes back, until 2^32 pushes later.
 *
 * Why only pushes count: whatever is popped, the top that was read can come back by a push alone.
 *
 * Always true: following `next` from the top meets every slot inside, newest first. A slot's `next` is written by who
 * is pushing it, and nobody else has the slot then. Others may read it all the same, who have seen it on top
 * before; hence it is atomic, and what they have read is thrown away, since the tag has changed. */
#include "tagged_stack.h"

#include <stdatomic.h>
#include <stdlib.h>

#define NONE UINT32_MAX
#define SLOTS_MAX (UINT32_C(1) << 31)

struct tagged_stack {
    _Atomic uint64_t top; /* tag << 32 | slot */
    uint32_t slots;
    _Atomic uint32_t next[]; /* what is below each slot that is inside */
};

static uint32_t slot_of(uint64_t top) {
    return (uint32_t)top;
}

static uint32_t tag_of(uint64_t top) {
    return (uint32_t)(top >> 32);
}

static uint64_t top_of(uint32_t tag, uint32_t slot) {
    return (uint64_t)tag << 32 | slot;
}

struct tagged_stack *tagged_new(uint32_t slots) {
    if (slots == 0 || slots > SLOTS_MAX) return NULL;
    struct tagged_stack *s = calloc(1, sizeof *s + (size_t)slots * sizeof s->next[0]);
    if (!s) return NULL;
    s->slots = slots;
    atomic_init(&s->top, top_of(0, NONE));
    return s;
}

bool tagged_push(struct tagged_stack *s, uint32_t slot) {
    if (slot >= s->slots) return false;
    uint64_t top = atomic_load_explicit(&s->top, memory_order_relaxed), pushed;
    do {
        atomic_store_explicit(&s->next[slot], slot_of(top), memory_order_relaxed);
        pushed = top_of(tag_of(top) + 1, slot);
        /* Release: whoever finds the slot on top, or below others, finds its `next` and what its owner has done. Later
         * pushes and pops are read-modify-writes, so they hand this on with their own top. */
    } while (!atomic_compare_exchange_weak_explicit(&s->top, &top, pushed, memory_order_release, memory_order_relaxed));
    return true;
}

uint32_t tagged_pop(struct tagged_stack *s) {
    /* Acquire, here and after a failure: the top slot's `next` is the one that its push has written. */
    uint64_t top = atomic_load_explicit(&s->top, memory_order_acquire), below;
    do {
        if (slot_of(top) == NONE) return NONE;
        uint32_t next = atomic_load_explicit(&s->next[slot_of(top)], memory_order_relaxed);
        below = top_of(tag_of(top), next);
        /* Success publishes nothing: who finds `next` on top synchronizes with the push that put it there. */
    } while (!atomic_compare_exchange_weak_explicit(&s->top, &top, below, memory_order_acquire, memory_order_acquire));
    return slot_of(top);
}

void tagged_free(struct tagged_stack *s) {
    free(s);
}
