/* SPDX-License-Identifier: MIT */
/* tagged_stack.c -- an array in place of a list (after Shafiei, 2009): the top tells its height, its slot and a count;
 * each cell has the slot that lies there, and the count of the top that put it there. A call first writes down what the
 * top says of its cell, which the call that changed the top has left to the next one. */
#include "tagged_stack.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

#define SLOTS_MAX (UINT32_C(1) << 31)

typedef unsigned __int128 wide;

struct top {
    uint32_t height, slot, count, zero;
};

struct tagged_stack {
    alignas(16) wide top;
    uint32_t slots;
    _Atomic uint64_t cells[]; /* count << 32 | slot; from 1 on */
};

static wide whole(struct top t) {
    return (wide)((uint64_t)t.slot << 32 | t.height) | (wide)(uint64_t)t.count << 64;
}

static struct top parts(wide w) {
    return (struct top){(uint32_t)w, (uint32_t)(w >> 32), (uint32_t)(w >> 64), 0};
}

struct tagged_stack *tagged_new(uint32_t slots) {
    if (slots == 0 || slots > SLOTS_MAX) return NULL;
    size_t bytes = sizeof(struct tagged_stack) + ((size_t)slots + 1) * sizeof(uint64_t);
    struct tagged_stack *s = aligned_alloc(16, (bytes + 15) / 16 * 16);
    if (!s) return NULL;
    s->top = 0, s->slots = slots;
    for (size_t i = 0; i <= slots; i++) atomic_init(&s->cells[i], 0);
    return s;
}

/* The top as one; and its cell says the same afterwards. */
static struct top settled(struct tagged_stack *s) {
    struct top t = parts(__sync_val_compare_and_swap(&s->top, 0, 0));
    uint64_t cell = atomic_load(&s->cells[t.height]);
    uint64_t before = (uint64_t)(t.count - 1) << 32 | (uint32_t)cell;
    if (cell == before) atomic_compare_exchange_strong(&s->cells[t.height], &before, (uint64_t)t.count << 32 | t.slot);
    return t;
}

static bool becomes(struct tagged_stack *s, struct top before, uint32_t height, uint64_t cell, uint32_t slot) {
    struct top after = {height, slot, (uint32_t)(cell >> 32) + 1, 0};
    return __sync_bool_compare_and_swap(&s->top, whole(before), whole(after));
}

bool tagged_push(struct tagged_stack *s, uint32_t slot) {
    if (slot >= s->slots) return false;
    for (;;) {
        struct top t = settled(s);
        if (t.height == s->slots) continue; /* a slot is inside twice, or the top was old */
        if (becomes(s, t, t.height + 1, atomic_load(&s->cells[t.height + 1]), slot)) return true;
    }
}

uint32_t tagged_pop(struct tagged_stack *s) {
    for (;;) {
        struct top t = settled(s);
        if (t.height == 0) return UINT32_MAX;
        uint64_t below = atomic_load(&s->cells[t.height - 1]);
        if (becomes(s, t, t.height - 1, below, (uint32_t)below)) return t.slot;
    }
}

void tagged_free(struct tagged_stack *s) {
    free(s);
}
